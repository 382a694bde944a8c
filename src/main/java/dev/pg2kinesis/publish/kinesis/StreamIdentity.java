package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.publish.PublishException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses are the same stream: a name and an ARN may be. A stream must have one publisher,
 * or a key that two tables share would lose its order. Pure.
 */
final class StreamIdentity {

  private StreamIdentity() {}

  /**
   * For each address the index of the first one that is the same stream.
   *
   * @throws PublishException if that cannot be told, because the role may not describe a stream
   */
  static List<Integer> first(List<StreamAddress> addresses, List<StreamDescription> descriptions) {
    List<Integer> first = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      int same = i;
      for (int earlier = i - 1; earlier >= 0; earlier--) {
        if (isSame(
            addresses.get(earlier),
            descriptions.get(earlier).arn(),
            addresses.get(i),
            descriptions.get(i).arn())) {
          same = earlier;
        }
      }
      first.add(same);
    }
    return first;
  }

  private static boolean isSame(
      StreamAddress one, @Nullable String oneArn, StreamAddress other, @Nullable String otherArn) {
    if (one.equals(other)) {
      return true;
    }
    if (!one.name().equals(other.name()) || (!one.isArn() && !other.isArn())) {
      return false;
    }
    if (oneArn == null || otherArn == null) {
      throw new PublishException(
          PublishException.Code.STREAM_ACCESS_DENIED,
          "stream "
              + one
              + " and stream "
              + other
              + " may be the same: write the name of a stream in the same way everywhere, or allow"
              + " kinesis:DescribeStreamSummary on it",
          null);
    }
    return oneArn.equals(otherArn);
  }
}
