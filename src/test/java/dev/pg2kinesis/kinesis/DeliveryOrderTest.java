package dev.pg2kinesis.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DeliveryOrderTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what happened               | deliveries    | skips | settled | finished
          in order                      | 0 1 2         | 0     | true    | true
          lost at the end               | 0 1           | 0     | false   | false
          lost in the middle            | 0 2           | 1     | false   | true
          all again                     | 0 1 2 0 1 2   | 0     | true    | true
          one failed, later ones again  | 0 2 1 2       | 1     | true    | true
          only the failed one again     | 0 2 1         | 1     | false   | true
          an old one lands late         | 0 1 2 1       | 0     | false   | true
          nothing                       | ''            | 0     | false   | false
          backwards                     | 2 1 0         | 1     | false   | true
          """)
  void tellsWhatIsWrong(
      String what, String deliveries, long skips, boolean settled, boolean finished) {
    DeliveryOrder order = new DeliveryOrder();
    for (String version : deliveries.isEmpty() ? new String[0] : deliveries.split(" ", -1)) {
      order.delivered("k", Long.parseLong(version));
    }

    assertThat(order.skips()).as("skips: %s", what).isEqualTo(skips);
    assertThat(order.unsettled(Map.of("k", 3L)).isEmpty())
        .as("settled: %s", what)
        .isEqualTo(settled);
    assertThat(order.unfinished(Map.of("k", 3L)).isEmpty())
        .as("finished: %s", what)
        .isEqualTo(finished);
  }
}
