package heal.nextflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightAnswerTest {

    @Test
    void resourcesOfARetryAreReadInHealsUnits() {
        assertEquals(
            new InFlightAnswer(true, 630.0, 10.5),
            InFlightAnswer.read("{\"v\":1,\"answer\":\"retry\",\"resources\":{\"memory_mb\":630,\"time_min\":10.5,\"x\":1}}"));
    }

    @Test
    void whatIsNotNamedStaysAsItIs() {
        assertEquals(new InFlightAnswer(true, null, null), InFlightAnswer.read("{\"v\":1,\"answer\":\"retry\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"v\":1,\"answer\":\"none\"}",
        "{\"v\":1,\"answer\":\"retry at noon\"}",
        "{\"v\":2,\"answer\":\"retry\"}",
        "{\"answer\":\"retry\"}",
        "{\"v\":1,\"answer\":\"retry\",\"resources\":{\"memory_mb\":\"lots\"}}",
        "{\"v\":1,\"answer\":\"retry\",\"resources\":{\"memory_mb\":-1}}",
        "{\"v\":1,\"answer\":\"retry\",\"resources\":{\"memory_mb\":1e300}}",
        "{\"v\":1,\"answer\":\"retry\",\"resources\":{\"time_min\":1e13}}",
        "{\"v\":1,\"answer\":\"ret",
        "[]",
        "",
    })
    void whatIsNotUnderstoodToTheEndIsNoAnswer(String text) {
        assertEquals(InFlightAnswer.NONE, InFlightAnswer.read(text));
    }
}
