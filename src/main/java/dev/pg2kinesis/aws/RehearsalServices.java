package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AnsweringHttpClient.Answer;
import dev.pg2kinesis.aws.AnsweringHttpClient.Call;

/** Secrets Manager and Parameter Store in memory, as far as a rehearsal asks them. */
final class RehearsalServices {

  private long version;

  /** A parameter is not there until it was written; a secret is a login. */
  Answer answer(Call call) {
    return switch (call.operation()) {
      case "GetParameter" -> Answer.json(400, "{\"__type\":\"ParameterNotFound\"}");
      case "PutParameter" -> Answer.json(200, "{\"Version\":" + ++version + "}");
      case "GetSecretValue" ->
          Answer.json(
              200,
              "{\"SecretString\":\"{\\\"username\\\":\\\"rehearsal\\\","
                  + "\\\"password\\\":\\\"rehearsal\\\",\\\"host\\\":\\\"rehearsal\\\","
                  + "\\\"dbname\\\":\\\"rehearsal\\\"}\"}");
      default -> throw new IllegalArgumentException(call.operation());
    };
  }
}
