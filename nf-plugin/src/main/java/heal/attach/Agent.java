package heal.attach;

import java.lang.instrument.Instrumentation;
import java.util.jar.JarFile;

/**
 * Puts the plugin's jar onto the class path of a Nextflow that has what the plugin implements; any other program stays as
 * it is. Started by {@code -javaagent:agent.jar=plugin.jar}, as hooks/nextflow_java.sh adds it under heal run.
 *
 * <p>On the class path Nextflow finds the plugin's extensions as it finds its own. Its plugin system is asked for nothing,
 * so what it starts, downloads and may use is the same as without heal.
 *
 * <p>Compiled for Java 8: a Java that cannot load its agent does not start, and heal does not choose the Java.
 */
public final class Agent {
    /** Set where the plugin is on the class path: a second one, loaded as a plugin, keeps quiet. */
    public static final String ATTACHED = "heal.attached";

    // since Nextflow 25.04
    private static final String NEEDED = "nextflow/trace/TraceObserverFactoryV2.class";

    private Agent() {}

    /** Called before Nextflow's main; nothing that goes wrong here reaches it. */
    public static void premain(String plugin, Instrumentation machine) {
        try {
            if (ClassLoader.getSystemResource(NEEDED) != null) {
                machine.appendToSystemClassLoaderSearch(new JarFile(plugin));
                System.setProperty(ATTACHED, plugin);
            }
        } catch (Throwable gone) {
            // a guest does not hurt its host: heal follows the log instead
        }
    }
}
