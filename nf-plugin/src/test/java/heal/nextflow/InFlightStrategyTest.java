package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import groovy.lang.Closure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import nextflow.exception.ProcessFailedException;
import nextflow.exception.ProcessSubmitTimeoutException;
import nextflow.exception.ProcessUnrecoverableException;
import nextflow.processor.ErrorStrategy;
import nextflow.processor.TaskConfig;
import nextflow.processor.TaskRun;
import nextflow.util.Duration;
import nextflow.util.MemoryUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The directives of a task, asked as Nextflow's TaskProcessor asks them, in its order. */
class InFlightStrategyTest {

    private static final InFlightAnswer RETRY = new InFlightAnswer(true, null, null);

    private final AtomicInteger ofProcess = new AtomicInteger();
    private final List<Integer> asked = new ArrayList<>();
    private InFlightAnswer answer = InFlightAnswer.NONE;
    private int errors;

    @Test
    void theDefaultsEndTheRunWhereHealHasNothing() {
        TaskRun task = task(Map.of());
        assertEquals(ErrorStrategy.TERMINATE, failed(task, 1));
        assertEquals(List.of(1), asked);
    }

    @Test
    void aTaskThatHealHasTriedAgainGetsWhatWasGrantedAndWhatFailedKeepsWhatItHad() {
        answer = new InFlightAnswer(true, 630.0, 10.0);
        TaskRun task = task(Map.of("memory", "400 MB"));
        assertEquals(ErrorStrategy.RETRY, failed(task, 1));
        assertEquals(MemoryUnit.of("400 MB"), task.getConfig().getMemory());
        assertEquals(null, task.getConfig().getTime());
        TaskRun again = again(task, 2);
        assertEquals(MemoryUnit.of("630 MB"), again.getConfig().getMemory());
        assertEquals(Duration.of("10 min"), again.getConfig().getTime());
    }

    @Test
    void whatHealGrantsIsAFloorUnderThePipelinesOwnLadder() {
        answer = new InFlightAnswer(true, 250.0, null);
        TaskRun first = task(Map.of("memory", directive(task -> MemoryUnit.of(100 * task.getAttempt() + " MB"))));
        failed(first, 1);
        TaskRun second = again(first, 2);
        assertEquals(MemoryUnit.of("250 MB"), second.getConfig().getMemory());
        failed(second, 2);
        assertEquals(MemoryUnit.of("250 MB"), second.getConfig().getMemory());
        assertEquals(MemoryUnit.of("300 MB"), again(second, 3).getConfig().getMemory());
    }

    @Test
    void whereThePipelineHasNoMemoryForOneMoreTryTheTaskHasWhatItHadOrWhatHealGrants() {
        // Given a size and a time for each of two tries: in a third one throws, and one is no time
        Object sizes = directive(task -> List.of(MemoryUnit.of("100 MB"), MemoryUnit.of("120 MB")).get(task.getAttempt() - 1));
        Object times = directive(task -> task.getAttempt() < 3 ? "1 h" : "null");
        TaskRun first = task(Map.of("memory", sizes, "time", times, "errorStrategy", "retry"));
        failed(first, 1);
        TaskRun second = again(first, 2);
        // When heal has it tried a third and a fourth time, at first with nothing more
        answer = RETRY;
        assertEquals(ErrorStrategy.RETRY, failed(second, 2));
        TaskRun third = again(second, 3);
        answer = new InFlightAnswer(true, 630.0, null);
        assertEquals(ErrorStrategy.RETRY, failed(third, 3));
        TaskRun fourth = again(third, 4);
        // Then
        assertEquals(
            List.of(MemoryUnit.of("120 MB"), MemoryUnit.of("120 MB"), MemoryUnit.of("630 MB"), Duration.of("1 h")),
            List.of(second.getConfig().getMemory(), third.getConfig().getMemory(), fourth.getConfig().getMemory(),
                fourth.getConfig().getTime()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpus", "queue", "errorStrategy", "clusterOptions"})
    void nobodyIsAskedForATryThatThePipelineKnowsNothingOf(String directive) {
        answer = new InFlightAnswer(true, 630.0, null);
        Map<String, Object> first = Map.of("cpus", 2, "queue", "long", "errorStrategy", "finish", "clusterOptions", "-A x");
        Map<String, Object> own = new HashMap<>(first);
        own.put(directive, directive(task -> List.of(first.get(directive)).get(task.getAttempt() - 1)));
        own.put("ext", Map.of("args", directive(task -> "try " + task.getAttempt())));
        TaskRun task = task(own);
        assertEquals(ErrorStrategy.FINISH, failed(task, 1));
        assertEquals(List.of(), asked);
        // and the look ahead has changed nothing of the failed try
        assertEquals(List.of(1, 2), List.of(task.getConfig().getAttempt(), task.getConfig().getCpus()));
        assertEquals("try 1", ((Map<?, ?>) task.getConfig().get("ext")).get("args"));
    }

    @Test
    void aDirectiveThatNeverHasAValueStandsInNobodysWay() {
        answer = RETRY;
        TaskRun task = task(Map.of("afterScript", directive(nothing -> {
            throw new IllegalStateException("never read");
        })));
        assertEquals(ErrorStrategy.RETRY, failed(task, 1));
    }

    @Test
    void theSitesLimitHolds() {
        answer = new InFlightAnswer(true, 2000.0, null);
        TaskRun task = task(Map.of("memory", "1 GB", "resourceLimits", Map.of("memory", MemoryUnit.of("1.5 GB"))));
        failed(task, 1);
        assertEquals(MemoryUnit.of("1.5 GB"), again(task, 2).getConfig().getMemory());
    }

    @ParameterizedTest
    @CsvSource({"memory, 1 GB, 1.5 GB", "time, 1 h, 90 min"})
    void thePipelinesOwnCheckHoldsInEachTry(String name, String first, String most) {
        // Given a pipeline with a function that lets no task ask for more than so much
        answer = new InFlightAnswer(true, 2000.0, 100.0);
        Checked configuration = new Checked(name, amount(name, most));
        TaskRun task = task(Map.of(name, configuration.directive(amount(name, first))));
        assertEquals(ErrorStrategy.RETRY, failed(task, 1));
        TaskRun second = again(task, 2);
        // When heal grants even more the next time, beside something that may grow
        answer = new InFlightAnswer(true, 4000.0, 200.0);
        assertEquals(ErrorStrategy.RETRY, failed(second, 2));
        TaskRun third = again(second, 3);
        // Then it is that much and no more
        assertEquals(
            List.of(amount(name, first), amount(name, most), amount(name, most)),
            List.of(requested(task, name), requested(second, name), requested(third, name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"check_max", "resourceLimits"})
    void aGrantOfWhichTheLimitsLeaveNothingIsNoReasonToTryAgain(String limit) {
        answer = new InFlightAnswer(true, 2000.0, null);
        Object most = MemoryUnit.of("1 GB");
        TaskRun task = limit.equals("check_max")
            ? task(Map.of("memory", new Checked("memory", most).directive(most)))
            : task(Map.of("memory", most, limit, Map.of("memory", most)));
        assertEquals(ErrorStrategy.TERMINATE, failed(task, 1));
        assertEquals(List.of(1), asked);
    }

    @Test
    void whatACheckCannotSayIsTheGrant() {
        answer = new InFlightAnswer(true, 2000.0, null);
        TaskRun task = task(Map.of("memory", new Checked("memory", "plenty").directive(MemoryUnit.of("1 GB"))));
        failed(task, 1);
        assertEquals(MemoryUnit.of("2000 MB"), again(task, 2).getConfig().getMemory());
    }

    @Test
    void aTaskWithoutRequestsGetsTheGrantAlone() {
        answer = new InFlightAnswer(true, 630.0, null);
        TaskRun task = task(Map.of());
        failed(task, 1);
        assertEquals(null, task.getConfig().getMemory());
        assertEquals(MemoryUnit.of("630 MB"), again(task, 2).getConfig().getMemory());
    }

    @Test
    void aValueThatNextflowRefusesIsLeftToNextflow() {
        answer = new InFlightAnswer(true, 630.0, null);
        TaskRun task = task(Map.of("memory", "plenty"));
        failed(task, 1);
        assertThrows(ProcessUnrecoverableException.class, () -> again(task, 2).getConfig().getMemory());
    }

    @Test
    void nobodyIsAskedWhileThePipelineTriesAgainByItself() {
        TaskRun task = task(Map.of("errorStrategy", "retry", "maxRetries", 2));
        assertEquals(ErrorStrategy.RETRY, failed(task, 1));
        TaskRun second = again(task, 2);
        assertEquals(ErrorStrategy.RETRY, failed(second, 2));
        assertEquals(List.of(), asked);
        // and where its tries are used up, Nextflow decides by the same words as without heal
        TaskRun third = again(second, 3);
        assertEquals(ErrorStrategy.RETRY, failed(third, 3));
        assertEquals(List.of(3), asked);
        assertEquals(2, third.getConfig().getMaxRetries());
    }

    @ParameterizedTest
    @CsvSource({"ignore, IGNORE, 0", "finish, FINISH, 1", "terminate, TERMINATE, 1", "FINISH, FINISH, 1"})
    void anAnswerOfNoneIsThePipelinesOwnWord(String own, ErrorStrategy expected, int questions) {
        assertEquals(expected, failed(task(Map.of("errorStrategy", own)), 1));
        assertEquals(questions, asked.size());
    }

    @Test
    void aTryOfHealsUsesUpNoneOfThePipelinesOwn() {
        // Given a pipeline that tries again once, for memory alone
        Closure<?> strategy = directive(task -> task.get("exitStatus") == null ? "terminate" : "retry");
        TaskRun first = task(Map.of("errorStrategy", strategy, "maxRetries", 1));
        // When heal has it tried again for another reason
        answer = RETRY;
        assertEquals(ErrorStrategy.RETRY, failed(first, 1));
        assertEquals(List.of(1), asked);
        // Then its own try is still there, once
        answer = InFlightAnswer.NONE;
        TaskRun second = again(first, 2);
        second.getConfig().put("exitStatus", 137);
        assertEquals(ErrorStrategy.RETRY, failed(second, 2));
        assertEquals(2, second.getConfig().getMaxRetries());
        assertEquals(List.of(1), asked);
        TaskRun third = again(second, 3);
        third.getConfig().put("exitStatus", 137);
        failed(third, 3);
        assertEquals(List.of(1, 3), asked);
        assertEquals(2, third.getConfig().getMaxRetries());
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "-1", "3"})
    void thePipelinesLimitsDoNotLimitHeal(int own) {
        answer = RETRY;
        TaskRun task = task(Map.of("maxRetries", own, "maxErrors", own));
        for (int attempt = 1; attempt <= 6; attempt++) {
            assertEquals(ErrorStrategy.RETRY, failed(task, attempt));
            // as checkErrorStrategy compares them
            assertEquals(true, attempt <= task.getConfig().getMaxRetries());
            assertEquals(-1, task.getConfig().getMaxErrors());
            task = again(task, attempt + 1);
        }
    }

    @Test
    void failuresThatHealAnswersForAreNoneOfTheProcessesErrors() {
        Map<String, Object> own = Map.of("errorStrategy", "retry", "maxErrors", 2);
        // Given a process that may fail once, and a task of it that was tried again by heal
        answer = RETRY;
        failed(task(Map.of("maxErrors", 2)), 1);
        // When another one fails: the second error that Nextflow counts
        answer = InFlightAnswer.NONE;
        TaskRun other = task(own);
        assertEquals(ErrorStrategy.RETRY, failed(other, 1));
        // Then it is the first one by the pipeline's own count
        assertEquals(List.of(1), asked);
        assertEquals(3, other.getConfig().getMaxErrors());
    }

    @Test
    void whoeverReadsTheDirectiveWhileNothingHasFailedGetsThePipelinesOwn() {
        answer = RETRY;
        assertEquals(ErrorStrategy.FINISH, task(Map.of("errorStrategy", "finish")).getConfig().getErrorStrategy());
        TaskRun task = task(Map.of());
        failed(task, 1);
        assertEquals(ErrorStrategy.TERMINATE, again(task, 2).getConfig().getErrorStrategy());
        assertEquals(List.of(1), asked);
    }

    @Test
    void oneFailureIsOneQuestion() {
        TaskRun task = task(Map.of());
        failed(task, 1);
        task.getConfig().put("tag", "cache emptied");
        task.getConfig().setContext(new HashMap<>());
        task.getConfig().getErrorStrategy();
        assertEquals(List.of(1), asked);
    }

    @Test
    void nobodyIsAskedWhereNextflowWouldNotTryAgainWhateverItIsTold() {
        answer = RETRY;
        TaskRun task = task(Map.of("errorStrategy", "finish"));
        assertEquals(ErrorStrategy.FINISH, failed(task, 1, new ProcessUnrecoverableException("no such directive")));
        Exception late = new ProcessFailedException("failed", new ProcessSubmitTimeoutException("late"));
        assertEquals(ErrorStrategy.TERMINATE, failed(task(Map.of()), 1, late));
        assertEquals(List.of(), asked);
    }

    @Test
    void whatThePipelinesOwnStrategyThrowsComesThrough() {
        TaskRun task = task(Map.of("errorStrategy", directive(nothing -> {
            throw new IllegalStateException("its own");
        })));
        assertEquals("its own", assertThrows(IllegalStateException.class, () -> failed(task, 1)).getMessage());
    }

    @Test
    void aQuestionThatGoesWrongIsNoAnswer() {
        TaskRun task = bare(Map.of("errorStrategy", "finish"));
        InFlightStrategy.watch(task, (run, trace) -> {
            throw new StackOverflowError();
        }, ofProcess);
        assertEquals(ErrorStrategy.FINISH, failed(task, 1));
    }

    @Test
    void nothingMakesNextflowKeepMoreInItsCacheThanWithoutHeal() throws Exception {
        answer = new InFlightAnswer(true, 630.0, 10.0);
        TaskRun task = task(Map.of());
        failed(task, 1);
        TaskRun second = again(task, 2);
        var dynamic = nextflow.processor.LazyMap.class.getDeclaredMethod("isDynamic");
        dynamic.setAccessible(true);
        assertEquals(false, dynamic.invoke(task.getConfig()));
        assertEquals(false, dynamic.invoke(second.getConfig()));
    }

    private TaskRun task(Map<String, Object> directives) {
        TaskRun task = bare(directives);
        watch(task);
        return task;
    }

    private static TaskRun bare(Map<String, Object> directives) {
        // as nextflow.script.ProcessConfig has them
        Map<String, Object> all = new HashMap<>(Map.of("maxRetries", 1, "maxErrors", -1));
        all.put("errorStrategy", ErrorStrategy.TERMINATE);
        all.putAll(directives);
        TaskRun task = new TaskRun();
        task.setConfig(new TaskConfig(all));
        task.getConfig().setContext(new HashMap<>());
        return task;
    }

    private void watch(TaskRun task) {
        InFlightStrategy.watch(task, (run, trace) -> {
            asked.add(run.getConfig().getAttempt());
            return answer;
        }, ofProcess);
    }

    private ErrorStrategy failed(TaskRun task, int retryCount) {
        return failed(task, retryCount, new ProcessFailedException("failed"));
    }

    /** As TaskProcessor.resumeOrDie does it. */
    private ErrorStrategy failed(TaskRun task, int retryCount, Exception error) {
        task.getConfig().put("errorCount", ++errors);
        task.getConfig().put("retryCount", retryCount);
        task.getConfig().put("previousException", error);
        return task.getConfig().getErrorStrategy();
    }

    /** As TaskProcessor.checkErrorStrategy does it. */
    private TaskRun again(TaskRun task, int attempt) {
        TaskRun copy = new TaskRun();
        copy.setConfig(task.getConfig().clone());
        copy.getConfig().setContext(new HashMap<>());
        copy.getConfig().put("attempt", attempt);
        watch(copy);
        return copy;
    }

    private static Object amount(String name, String text) {
        return name.equals("memory") ? MemoryUnit.of(text) : Duration.of(text);
    }

    private static Object requested(TaskRun task, String name) {
        return name.equals("memory") ? task.getConfig().getMemory() : task.getConfig().getTime();
    }

    /** A configuration with a function as the pipelines of nf-core have it, for one kind of amounts. */
    public record Checked(String type, Object most) {
        public Object check_max(Object amount, Object name) {
            return type.equals(name) && most instanceof Comparable<?> ? most : amount;
        }

        private Closure<Object> directive(Object value) {
            return new Closure<>(this) {
                @Override
                public Object call() {
                    return value;
                }
            };
        }
    }

    /** A closure as pipelines write it, with the task in its scope. */
    private static Closure<Object> directive(Function<TaskConfig, Object> value) {
        return new Closure<>(null) {
            @Override
            public Object call() {
                return value.apply((TaskConfig) ((Map<?, ?>) getDelegate()).get("task"));
            }
        };
    }
}
