package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;

final class KeyGroupTest {

  @Test
  void aKeyAndItsGroupHaveTheFirstByteOfTheHashInCommon() throws Exception {
    KeyGroup groups = new KeyGroup(10_000);
    for (int i = 0; i < 1_000; i++) {
      String key = "ключ-" + i;
      BigInteger hash =
          new BigInteger(
              1, MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8)));
      int group = groups.of(key);

      assertThat(group).isEqualTo(hash.shiftRight(120).intValueExact());
      assertThat(new BigInteger(KeyGroup.hashKey(group)).shiftRight(120).intValueExact())
          .isEqualTo(group);
      assertThat(groups.of(key)).isEqualTo(group);
    }
  }

  @Test
  void keysWithTheSameHashCodeAreToldApart() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    KeyGroup groups = new KeyGroup(0);

    for (int i = 0; i < 2; i++) {
      assertThat(groups.of("Aa")).isEqualTo(new KeyGroup(0).of("Aa"));
      assertThat(groups.of("BB")).isEqualTo(new KeyGroup(0).of("BB"));
    }
    assertThat(groups.of("Aa")).isNotEqualTo(groups.of("BB"));
  }

  @Test
  void aGroupsHashKeyIsTheMiddleOfItsSlice() {
    assertThat(KeyGroup.hashKey(0)).isEqualTo(BigInteger.ONE.shiftLeft(119).toString());
    assertThat(KeyGroup.hashKey(255))
        .isEqualTo(
            BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE.shiftLeft(119)).toString());
    assertThat(KeyGroup.name(255)).isEqualTo("group-255");
  }
}
