package heal.nextflow;

import heal.attach.Agent;
import java.util.Collection;
import java.util.List;
import nextflow.Session;
import nextflow.trace.TraceObserverFactoryV2;
import nextflow.trace.TraceObserverV2;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the observer of a run. Nextflow ends the run where this throws or gives null, so it never does. */
public class HealObserverFactory implements TraceObserverFactoryV2 {

    private static final Logger log = LoggerFactory.getLogger(HealObserverFactory.class);

    @Override
    public Collection<TraceObserverV2> create(Session session) {
        try {
            Settings settings = Settings.of(session.getConfig());
            if (!settings.enabled() || speaksAlready()) {
                return List.of();
            }
            Spool spool = Spool.of(System.getenv(), settings.spool());
            return List.of(new HealObserver(spool, new EventWriter(spool)));
        } catch (Throwable error) { // whatever is wrong with heal, the run starts
            log.warn("heal: cannot follow this run ({}); it goes on, unwatched by heal", String.valueOf(error));
            return List.of();
        }
    }

    /** heal run put the plugin on the class path, and the pipeline's configuration names it as well: one of us speaks. */
    private static boolean speaksAlready() {
        return System.getProperty(Agent.ATTACHED) != null
                && HealObserverFactory.class.getClassLoader() != ClassLoader.getSystemClassLoader();
    }
}
