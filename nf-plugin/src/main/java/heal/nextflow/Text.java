package heal.nextflow;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import nextflow.extension.FilesEx;

/** Texts as events carry them. */
final class Text {

    /** A message is for reading: what is longer is cut in the middle. */
    static final int LONGEST = 16_000;

    private Text() {}

    /** The text without its middle where it is longer than {@link #LONGEST}, and without what no event may hold. */
    static String clipped(Object said) {
        String text = plain(said);
        if (text == null || text.length() <= LONGEST) {
            return text;
        }
        int half = LONGEST / 2;
        return text.substring(0, half) + "\n… " + (text.length() - LONGEST) + " characters left out …\n"
            + text.substring(text.length() - half);
    }

    /** The text; null stays null. */
    static String plain(Object said) {
        return said == null ? null : String.valueOf(said).replace("\0", "");
    }

    /** A path as people write it, with its scheme where it is not of this machine's file system. */
    static String path(Path path) {
        return path.getFileSystem() == FileSystems.getDefault() ? path.toString() : FilesEx.toUriString(path);
    }
}
