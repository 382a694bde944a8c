package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ssm.model.GetParametersByPathResponse;
import software.amazon.awssdk.services.ssm.model.Parameter;

/** Reads settings from Parameter Store, one parameter each; SecureString values are decrypted. */
public final class Parameters {

  private final AwsClients clients;

  public Parameters(AwsClients clients) {
    this.clients = clients;
  }

  /**
   * The values of the parameters directly below a path, by the last part of their names.
   *
   * @param path such as {@code /pg2kinesis/orders}; a slash at the end is ignored
   * @throws AwsException if there is none, which means a mistyped path, or they cannot be read
   */
  public Map<String, String> below(String path) {
    String folder = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    Map<String, String> values = new TreeMap<>();
    String next = null;
    do {
      GetParametersByPathResponse page = page(folder, next);
      for (Parameter parameter : page.parameters()) {
        values.put(parameter.name().substring(folder.length() + 1), parameter.value());
      }
      next = page.nextToken();
    } while (next != null);
    if (values.isEmpty()) {
      throw new AwsException(
          Code.PARAMETER_MISSING,
          "no parameter is directly below " + folder + "; check CONFIG_PATH and the region",
          null);
    }
    return values;
  }

  private GetParametersByPathResponse page(String path, @Nullable String next) {
    try {
      return clients
          .ssm()
          .getParametersByPath(r -> r.path(path).withDecryption(true).nextToken(next));
    } catch (SdkException e) {
      throw ParameterErrors.translated(e, path, "ssm:GetParametersByPath");
    }
  }
}
