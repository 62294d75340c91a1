package heal.nextflow;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import nextflow.Session;
import nextflow.processor.TaskConfig;
import nextflow.processor.TaskHandler;
import nextflow.processor.TaskId;
import nextflow.processor.TaskRun;
import nextflow.trace.TraceRecord;
import nextflow.trace.event.TaskEvent;

/** Two events a task, told as Nextflow's threads tell them: prints bytes, and nanoseconds an event (best and median of each). */
public final class NextflowEvent {

    private static final int TASKS = 1000;
    private static final int ROUNDS = 20;

    private NextflowEvent() {}

    public static void main(String[] words) throws Exception {
        Path folder = Path.of(words[0]);
        EventWriter writer = new EventWriter(new Spool(folder.resolve("spool"), null));
        Follower follower = new Follower(new Session(new HashMap<>()), writer, new TaskKeys());
        long[] told = new long[ROUNDS];
        long[] written = new long[ROUNDS];
        long[] plain = new long[ROUNDS];
        byte[] content = null;
        for (int round = -5; round < ROUNDS; round++) {
            TaskEvent[] events = new TaskEvent[TASKS];
            for (int number = 0; number < TASKS; number++) {
                events[number] = event(round * TASKS + number);
            }
            long begun = System.nanoTime();
            for (TaskEvent event : events) {
                follower.submitted(event);
                follower.ended(event);
            }
            long handed = System.nanoTime();
            if (!writer.drain(Duration.ofMinutes(1))) {
                throw new IllegalStateException("not written");
            }
            long done = System.nanoTime();
            content = content == null ? any(folder.resolve("spool")) : content;
            long other = plain(folder, content, round);
            if (round >= 0) {
                told[round] = (handed - begun) / (2 * TASKS);
                written[round] = (done - begun) / (2 * TASKS);
                plain[round] = other;
            }
        }
        System.out.println(content.length + " " + figures(told) + " " + figures(written) + " " + figures(plain));
        System.exit(0);
    }

    private static String figures(long[] rounds) {
        Arrays.sort(rounds);
        return rounds[0] + " " + rounds[rounds.length / 2];
    }

    private static byte[] any(Path spool) throws Exception {
        try (var all = Files.list(spool)) {
            return Files.readAllBytes(all.sorted().reduce((first, last) -> last).orElseThrow());
        }
    }

    private static long plain(Path folder, byte[] content, int round) throws Exception {
        long begun = System.nanoTime();
        for (int number = 0; number < 2 * TASKS; number++) {
            Path hidden = folder.resolve("." + round + "-" + number + ".tmp");
            Files.write(hidden, content);
            Files.move(hidden, folder.resolve(round + "-" + number + ".json"), StandardCopyOption.ATOMIC_MOVE);
        }
        return (System.nanoTime() - begun) / (2 * TASKS);
    }

    private static TaskEvent event(int number) {
        TaskRun task = new TaskRun();
        task.setId(TaskId.of(number + 1_000_000));
        task.setName("NF:ALIGN (S" + number + ")");
        task.setConfig(new TaskConfig(new HashMap<>()));
        TraceRecord trace = new TraceRecord();
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("name", task.getName());
        said.put("process", "NF:ALIGN");
        said.put("tag", "S" + number);
        said.put("status", "COMPLETED");
        said.put("exit", 0);
        said.put("attempt", 1);
        said.put("cpus", 4);
        said.put("memory", 8_589_934_592L);
        said.put("time", 14_400_000L);
        said.put("hash", "ab/cdef12");
        said.put("workdir", "/scratch/run/work/ab/cdef12" + number);
        said.put("native_id", String.valueOf(number));
        said.forEach(trace::put);
        return new TaskEvent(new Handler(task), trace);
    }

    private static final class Handler extends TaskHandler {

        Handler(TaskRun task) {
            setTask(task);
        }

        @Override
        public boolean checkIfRunning() {
            return false;
        }

        @Override
        public boolean checkIfCompleted() {
            return true;
        }

        @Override
        public void submit() {}

        @Override
        protected void killTask() {}
    }
}
