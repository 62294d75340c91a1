package heal.nextflow;

import nextflow.config.schema.ConfigOption;
import nextflow.config.schema.ConfigScope;
import nextflow.config.schema.ScopeName;
import nextflow.script.dsl.Description;

/**
 * Declares the scope {@code heal} to Nextflow's checker of configurations; {@link Settings} reads it.
 *
 * <p>Later Nextflows have these annotations elsewhere and leave the class out. Nothing of ours may need it.
 */
@ScopeName("heal")
@Description("Settings of heal, which follows the run.")
public class HealConfig implements ConfigScope {

    @ConfigOption
    @Description("Tell heal of this run (default: true).")
    public boolean enabled;

    @ConfigOption
    @Description("The folder that events are written to, where HEAL_SPOOL does not name one.")
    public String spool;
}
