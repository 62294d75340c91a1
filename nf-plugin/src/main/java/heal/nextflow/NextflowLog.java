package heal.nextflow;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import java.util.Iterator;
import org.slf4j.LoggerFactory;

/** Where Nextflow writes its own log: {@code -log} and {@code NXF_LOG_FILE} may have it elsewhere. */
final class NextflowLog {

    private NextflowLog() {}

    static String path() {
        Path file = Path.of(".nextflow.log");
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            Iterator<? extends Appender<?>> all = root.iteratorForAppenders();
            while (all.hasNext()) {
                if (all.next() instanceof FileAppender<?> appender && appender.getFile() != null) {
                    file = Path.of(appender.getFile());
                }
            }
        }
        return file.toAbsolutePath().normalize().toString();
    }
}
