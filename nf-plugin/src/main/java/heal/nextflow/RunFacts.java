package heal.nextflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import nextflow.BuildInfo;
import nextflow.Session;
import nextflow.script.WorkflowMetadata;

/** What is told of a run when it starts. */
final class RunFacts {

    private RunFacts() {}

    /** The facts, but for the environment's file. What is not known is left out. */
    static Map<String, Object> of(Session session, String parent, String version) {
        Map<String, Object> facts = new LinkedHashMap<>();
        put(facts, "parent", () -> parent);
        put(facts, "host", RunFacts::host);
        put(facts, "version", () -> version);
        put(facts, "nextflow", BuildInfo::getVersion);
        put(facts, "work_dir", session::getWorkDir);
        WorkflowMetadata workflow = session.getWorkflowMetadata();
        if (workflow != null) {
            put(facts, "script", workflow::getScriptFile);
            put(facts, "project_dir", workflow::getProjectDir);
            put(facts, "repository", workflow::getRepository);
            put(facts, "revision", workflow::getRevision);
        }
        put(facts, "profile", session::getProfile);
        List<Path> files = session.getConfigFiles();
        facts.put("config_files", files == null ? List.of() : files.stream().map(Text::path).toList());
        facts.put("resume", session.isResumeMode());
        return facts;
    }

    private static void put(Map<String, Object> facts, String name, Supplier<Object> asked) {
        Object value = Detail.or(null, asked);
        if (value != null) {
            facts.put(name, value instanceof Path path ? Text.path(path) : Text.plain(value));
        }
    }

    private static String host() {
        try {
            // what gethostname() says; Java's own way may ask a name server
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException unknown) {
            return null;
        }
    }
}
