package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    @Test
    void whatMakesNoSenseCountsAsNotGiven() {
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(
                Map.of(), Map.of("heal", "nonsense"), Map.of("heal", Map.of("spool", 5, "enabled", "maybe")), Map.of("heal", Map.of("spool", "")))) {
            Settings read = Settings.of(wrong);
            assertTrue(read.enabled());
            assertNull(read.spool());
        }
    }

    @Test
    void whatIsGivenHolds() {
        Settings read = Settings.of(Map.of("heal", Map.of("spool", "/s", "enabled", false)));
        assertFalse(read.enabled());
        assertEquals("/s", read.spool());
    }
}
