package heal.nextflow;

import groovy.json.JsonOutput;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nextflow.config.control.ConfigParser;
import nextflow.script.control.ScriptParser;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.messages.Message;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.codehaus.groovy.control.messages.WarningMessage;
import org.codehaus.groovy.syntax.SyntaxException;

/**
 * Tells what Nextflow's strict parser says of all scripts and configuration files in a folder; runs nothing of them.
 *
 * <p>{@code java -cp NEXTFLOW:THIS heal.nextflow.Check FOLDER}: a line of JSON for each finding ({@code severity} error,
 * warning, or unread where the parser itself gave up; {@code file} relative to the folder; {@code line}, {@code column},
 * {@code message}), and a last one with the number of files {@code checked}. Without that last line nothing is known. It
 * does what {@code nextflow lint} does, which in 25.04.4 gives up on a file that has errors and no warnings.
 */
public final class Check {
    // as nextflow lint leaves out, and hidden folders
    private static final Set<String> OTHERS = Set.of("work", "nf-test.config");

    private final Path folder;
    private final PrintStream out;
    private int checked;

    private Check(Path folder, PrintStream out) {
        this.folder = folder;
        this.out = out;
    }

    public static void main(String[] words) throws IOException {
        PrintStream out = System.out;
        // what a parser prints is none of our lines
        System.setOut(System.err);
        new Check(Path.of(words[0]).toAbsolutePath().normalize(), out).all();
        out.flush();
    }

    private void all() throws IOException {
        List<Path> files = files();
        ScriptParser scripts = new ScriptParser();
        files.stream().filter(file -> ends(file, ".nf")).forEach(file -> read(file, scripts::parse));
        aside(folder, scripts::analyze);
        tell(scripts.compiler().getSources().values());
        ConfigParser configs = new ConfigParser();
        files.stream().filter(file -> ends(file, ".config")).forEach(file -> read(file, configs::parse));
        aside(folder, configs::analyze);
        tell(configs.compiler().getSources().values());
        out.println(JsonOutput.toJson(Map.of("checked", checked)));
    }

    private List<Path> files() throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes about) {
                return left(each) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes about) {
                if (!left(each) && Files.isRegularFile(each)) {
                    found.add(each);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path each, IOException error) {
                say("unread", each, 0, 0, error.toString());
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(null);
        return found;
    }

    private boolean left(Path each) {
        String name = each.getFileName().toString();
        return !each.equals(folder) && (name.startsWith(".") || OTHERS.contains(name));
    }

    private static boolean ends(Path file, String with) {
        return file.getFileName().toString().endsWith(with);
    }

    private interface Parsing {
        SourceUnit of(File file);
    }

    private void read(Path file, Parsing parser) {
        checked++;
        aside(file, () -> parser.of(file.toFile()));
    }

    /** A parser that gives up on one file is no word on the others. */
    private void aside(Path file, Runnable work) {
        try {
            work.run();
        } catch (Exception | StackOverflowError | AssertionError error) {
            say("unread", file, 0, 0, error.toString());
        }
    }

    private void tell(Collection<SourceUnit> sources) {
        for (SourceUnit source : sources) {
            Path file = Path.of(source.getSource().getURI());
            // both are null where there are none
            List<? extends Message> errors = source.getErrorCollector().getErrors();
            List<WarningMessage> warnings = source.getErrorCollector().getWarnings();
            boolean told = false;
            for (Message error : errors == null ? List.<Message>of() : errors) {
                if (error instanceof SyntaxErrorMessage syntax) {
                    SyntaxException cause = syntax.getCause();
                    say("error", file, cause.getStartLine(), cause.getStartColumn(), cause.getOriginalMessage());
                    told = true;
                }
            }
            // beside a syntax error it is what the parser made of that, with its own stack
            if (!told && errors != null && !errors.isEmpty()) {
                say("error", file, 0, 0, text(errors.get(0)));
            }
            for (WarningMessage warning : warnings == null ? List.<WarningMessage>of() : warnings) {
                int line = warning.getContext() == null ? 0 : warning.getContext().getStartLine();
                int column = warning.getContext() == null ? 0 : warning.getContext().getStartColumn();
                say("warning", file, line, column, warning.getMessage());
            }
        }
    }

    private static String text(Message message) {
        StringWriter written = new StringWriter();
        message.write(new PrintWriter(written, true));
        return written.toString().strip().lines().findFirst().orElse("");
    }

    private void say(String severity, Path file, int line, int column, String message) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("severity", severity);
        said.put("file", file.startsWith(folder) ? folder.relativize(file).toString() : file.toString());
        said.put("line", Math.max(line, 0));
        said.put("column", Math.max(column, 0));
        said.put("message", Text.clipped(message));
        out.println(JsonOutput.toJson(said));
    }
}
