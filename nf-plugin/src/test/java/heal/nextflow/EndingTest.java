package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import nextflow.processor.TaskConfig;
import nextflow.processor.TaskFault;
import nextflow.processor.TaskRun;
import nextflow.script.params.InParam;
import nextflow.trace.TraceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndingTest {

    private static Ending ending(TaskRun task, Object... fields) {
        TraceRecord trace = new TraceRecord();
        Map<String, Object> all = new HashMap<>(Map.of("name", "A (S7)", "process", "A", "workdir", "/w/ab/cd", "attempt", 2));
        for (int at = 0; at < fields.length; at += 2) {
            all.put((String) fields[at], fields[at + 1]);
        }
        all.forEach(trace::put);
        return new Ending(Task.of(task, trace, new TaskKeys()), task, trace);
    }

    private static TaskRun task(Map<String, Object> config) {
        TaskRun task = new TaskRun();
        task.setName("A (S7)");
        task.setConfig(new TaskConfig(config));
        return task;
    }

    @Test
    void theStatusSaysHowItEndedAndNeverTheCode() {
        assertTrue(ending(task(Map.of()), "status", "COMPLETED", "exit", 0).finished());
        assertFalse(ending(task(Map.of()), "status", "FAILED", "exit", 0).finished());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, -1})
    void anUnknownExitCodeIsNotTold(int exit) {
        Ending killed = ending(task(Map.of()), "status", "FAILED", "exit", exit, "error_action", "TERMINATE");
        Map<String, Object> facts = killed.failure(null);
        assertFalse(facts.containsKey("exit"));
        assertEquals(false, facts.get("will_retry"));
        assertTrue(killed.fatal());
    }

    @Test
    void theReasonIsTheFaultsReportElseTheException() {
        TaskRun task = task(Map.of("previousException", new IllegalStateException("Missing output file(s) `x`")));
        Ending failed = ending(task, "status", "FAILED", "exit", 0, "error_action", "RETRY");
        assertEquals("Missing output file(s) `x`", failed.failure(null).get("message"));
        TaskFault own = new TaskFault();
        own.setTask(task);
        own.setReport("Error executing process > 'A (S7)' ...");
        assertEquals("Error executing process > 'A (S7)' ...", failed.failure(own).get("message"));
        // the report of another task says nothing about this one
        TaskFault others = new TaskFault();
        others.setTask(task(Map.of()));
        others.setReport("Error executing process > 'B' ...");
        assertEquals("Missing output file(s) `x`", failed.failure(others).get("message"));
    }

    @Test
    void whatWasStoppedBecauseOfAnotherFailureIsNoFailureOfItsOwn() {
        Map<String, Object> facts = ending(task(Map.of("previousException", new IllegalStateException("of the try before"))),
            "status", "ABORTED", "exit", Integer.MAX_VALUE).failure(null);
        assertEquals(true, facts.get("aborted"));
        assertNull(facts.get("message"));
    }

    @Test
    void whatCannotBeToldCostsItselfAlone() {
        TaskRun task = new TaskRun() {
            @Override
            public List<String> getOutputFilesNames() {
                throw new IllegalStateException("the pipeline's own closure");
            }

            @Override
            public Map<InParam, Object> getInputs() {
                throw new NoSuchMethodError("moved");
            }
        };
        task.setConfig(new TaskConfig(Map.of()));
        Map<String, Object> facts = ending(task, "status", "FAILED", "exit", 3).failure(null);
        assertEquals(List.of(List.of(), List.of(), 3), List.of(facts.get("input"), facts.get("output"), facts.get("exit")));
    }

    @Test
    void longTextsAreCutInTheMiddle() {
        String script = "a".repeat(10_000) + "b".repeat(10_000);
        String told = (String) ending(task(Map.of()), "status", "FAILED", "script", script).failure(null).get("shell");
        assertEquals("a".repeat(8_000) + "\n… 4000 characters left out …\n" + "b".repeat(8_000), told);
    }

    @Test
    void whatWasAskedForIsToldInMegabytesAndMinutes() {
        Ending ended = ending(task(Map.of()), "memory", 629_145_600L, "time", 90_000L, "cpus", 2);
        assertEquals(Map.of("memory_mb", 600L, "time_min", 1.5, "cpus", 2), ended.task().asked());
    }
}
