package heal.nextflow;

import nextflow.plugin.BasePlugin;
import org.pf4j.PluginWrapper;

/** What Nextflow loads: the extensions beside it do the work. */
public class HealPlugin extends BasePlugin {

    public HealPlugin(PluginWrapper wrapper) {
        super(wrapper);
    }
}
