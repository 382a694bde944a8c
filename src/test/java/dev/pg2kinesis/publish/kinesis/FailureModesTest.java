package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublisherConfiguration;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What Kinesis and the way to it can do to a call, and what becomes of the run. */
final class FailureModesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # status | error code                             | times
          400      | ProvisionedThroughputExceededException | 30
          400      | LimitExceededException                 | 30
          400      | KMSThrottlingException                 | 30
          400      | ThrottlingException                    | 30
          429      | Something                              | 30
          500      | InternalFailure                        | 9
          503      | ServiceUnavailable                     | 9
          502      | Something                              | 9
          400      | ResourceInUseException                 | 9
          400      | ExpiredTokenException                  | 2
          403      | RequestExpired                         | 2
          """)
  void whatPassesIsWaitedFor(int status, String code, int times) {
    try (PublisherAgainstFake test = start()) {
      test.kinesis.setFaults(script(CallFault.refuse(status, code), times));
      publishTen(test);
      test.publisher.flush();

      assertThat(test.publisher.acknowledged()).isEqualTo(20);
      assertThat(test.order.unsettled(test.versions.sent())).isEmpty();
      assertThat(test.kinesis.putCalls()).isGreaterThan(times);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # status | error code                  | calls | the run ends with    | and says
          500      | InternalFailure             | 10    | STREAM_UNREACHABLE   | InternalFailure
          503      | ServiceUnavailable          | 10    | STREAM_UNREACHABLE   | ServiceUnavailable
          400      | ResourceInUseException      | 10    | STREAM_FAILED        | ResourceInUseException
          400      | ExpiredTokenException       | 3     | CREDENTIALS_REJECTED | AWS_SECRET_ACCESS_KEY
          400      | UnrecognizedClientException | 1     | CREDENTIALS_REJECTED | give the function a role
          400      | AccessDeniedException       | 1     | STREAM_ACCESS_DENIED | kinesis:PutRecords
          400      | KMSAccessDeniedException    | 1     | STREAM_ACCESS_DENIED | kms:GenerateDataKey
          400      | KMSDisabledException        | 1     | STREAM_ACCESS_DENIED | KMSDisabledException
          400      | KMSInvalidStateException    | 1     | STREAM_ACCESS_DENIED | must be enabled
          400      | KMSNotFoundException        | 1     | STREAM_ACCESS_DENIED | KMSNotFoundException
          400      | ResourceNotFoundException   | 1     | STREAM_MISSING       | STREAM_NAME
          400      | ValidationException         | 1     | STREAM_FAILED        | ValidationException
          """)
  void whatDoesNotPassEndsTheRunAndKeepsWhatWasAcknowledged(
      int status, String code, int calls, PublishException.Code end, String says) {
    try (PublisherAgainstFake test = start()) {
      long before = test.kinesis.putCalls();
      test.kinesis.setFaults(() -> CallFault.refuse(status, code));
      PublishException e = publishTenInVain(test);

      assertThat(e.code()).isEqualTo(end);
      assertThat(e).hasMessageContaining(says);
      assertThat(test.publisher.acknowledged()).isEqualTo(10);
      assertThat(test.kinesis.putCalls() - before).isGreaterThanOrEqualTo(calls);
      assertThat(catchThrowableOfType(PublishException.class, () -> test.publish("k")).code())
          .isEqualTo(end);
    }
  }

  /** Its messages repeat partition keys. */
  @Test
  void whatAValidationErrorSaysIsNotRepeated() {
    try (PublisherAgainstFake test = start()) {
      test.kinesis.setFaults(() -> CallFault.refuse(400, "ValidationException"));
      PublishException e = publishTenInVain(test);

      assertThat(e).hasNoCause().hasMessage("STREAM_FAILED: ValidationException");
    }
  }

  @ParameterizedTest
  @EnumSource(Ordering.class)
  void aRequestThatTimedOutAfterItLandedComesTwiceAndInOrder(Ordering ordering) {
    try (PublisherAgainstFake test = start(ordering)) {
      test.kinesis.setFaults(Faults.script(CallFault.putAndSilence(), CallFault.putAndHangUp()));
      publishTen(test);
      test.publisher.flush();

      assertThat(test.publisher.acknowledged()).isEqualTo(20);
      assertThat(test.order.deliveries()).isGreaterThan(20);
      assertThat(test.order.unsettled(test.versions.sent())).isEmpty();
      assertThat(test.order.skips()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Ordering.class)
  void aRequestThatLandsAfterItsRepetitionIsALateDuplicate(Ordering ordering) {
    try (PublisherAgainstFake test = start(ordering)) {
      test.kinesis.setFaults(Faults.script(CallFault.landLate()));
      publishTen(test);
      test.publisher.flush();
      long deliveries = test.order.deliveries();
      test.kinesis.landLate();

      assertThat(test.order.deliveries()).isGreaterThan(deliveries);
      assertThat(test.order.skips()).isZero();
      assertThat(test.order.unfinished(test.versions.sent())).isEmpty();
    }
  }

  @Test
  void aStreamThatIsDeletedDuringTheRunIsMissing() {
    try (PublisherAgainstFake test = start()) {
      test.kinesis.deleteStream("s");
      PublishException e = publishTenInVain(test);

      assertThat(e.code()).isEqualTo(PublishException.Code.STREAM_MISSING);
      assertThat(test.publisher.acknowledged()).isEqualTo(10);
    }
  }

  @Test
  void nobodyListeningIsUnreachable() {
    try (PublisherAgainstFake test = start()) {
      test.kinesis.close();
      PublishException e = publishTenInVain(test);

      assertThat(e.code()).isEqualTo(PublishException.Code.STREAM_UNREACHABLE);
      assertThat(e).hasMessageContaining("kinesis-streams");
    }
  }

  /** A publisher that has had ten changes acknowledged. */
  private static PublisherAgainstFake start() {
    return start(Ordering.REPLAY);
  }

  private static PublisherAgainstFake start(Ordering ordering) {
    PublisherAgainstFake test =
        new PublisherAgainstFake(
            PublisherConfiguration.defaults().withOrdering(ordering).withLanes(1), 2);
    publishTen(test);
    test.publisher.flush();
    return test;
  }

  private static void publishTen(PublisherAgainstFake test) {
    for (int i = 0; i < 10; i++) {
      test.publish("k" + i % 3);
    }
  }

  /** What ends the run; it may come before the last of them is taken. */
  private static PublishException publishTenInVain(PublisherAgainstFake test) {
    return catchThrowableOfType(
        PublishException.class,
        () -> {
          publishTen(test);
          test.publisher.flush();
        });
  }

  private static Faults script(CallFault fault, int times) {
    return Faults.script(Collections.nCopies(times, fault).toArray(new CallFault[0]));
  }
}
