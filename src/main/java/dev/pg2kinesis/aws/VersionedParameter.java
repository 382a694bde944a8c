package dev.pg2kinesis.aws;

import dev.pg2kinesis.aws.AwsException.Code;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ssm.model.Parameter;
import software.amazon.awssdk.services.ssm.model.ParameterAlreadyExistsException;
import software.amazon.awssdk.services.ssm.model.ParameterNotFoundException;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/**
 * One parameter that is read, changed and written back: the watermark. Parameter Store numbers the
 * versions of a parameter, which reveals an overlapping writer.
 */
public final class VersionedParameter {

  private final String name;
  private final ParameterType type;
  private final AwsClients clients;

  /**
   * @param name full name, such as {@code /pg2kinesis/watermark}
   */
  public VersionedParameter(String name, AwsClients clients) {
    this(name, ParameterType.STRING, clients);
  }

  private VersionedParameter(String name, ParameterType type, AwsClients clients) {
    this.name = name;
    this.type = type;
    this.clients = clients;
  }

  /** A parameter whose value is encrypted with the account's key for Parameter Store. */
  public static VersionedParameter encrypted(String name, AwsClients clients) {
    return new VersionedParameter(name, ParameterType.SECURE_STRING, clients);
  }

  /**
   * A value and its version.
   *
   * @param version counts the writes of the parameter, from 1
   */
  public record Versioned(String value, long version) {}

  /**
   * The current value, or null if there is no such parameter.
   *
   * @throws AwsException if it cannot be read
   */
  public @Nullable Versioned read() {
    return read(name);
  }

  private @Nullable Versioned read(String nameOrVersion) {
    try {
      Parameter found =
          clients.ssm().getParameter(r -> r.name(nameOrVersion).withDecryption(true)).parameter();
      return new Versioned(found.value(), found.version());
    } catch (ParameterNotFoundException e) {
      return null;
    } catch (SdkException e) {
      throw ParameterErrors.translated(e, name, "ssm:GetParameter");
    }
  }

  /**
   * Writes a value over the one that was read.
   *
   * <p>Parameter Store can refuse to create a parameter that exists, but cannot refuse to overwrite
   * one that has changed. An overlapping writer is therefore detected after the write, when the
   * version is not the next one. A value that must not be lost is then put back.
   *
   * @param value not empty, at most 4096 characters
   * @param readVersion the version that was read, or 0 if there was no parameter
   * @param mustStay whether a value that another process wrote in between must not be replaced by
   *     {@code value}
   * @return the version written
   * @throws AwsException {@link Code#PARAMETER_CONFLICT} if another process wrote in between
   */
  public long write(String value, long readVersion, Predicate<String> mustStay) {
    boolean create = readVersion == 0;
    long written;
    try {
      written = put(value, !create);
    } catch (ParameterAlreadyExistsException e) {
      throw conflict(e);
    } catch (SdkException e) {
      throw ParameterErrors.translated(e, name, "ssm:PutParameter");
    }
    if (written != readVersion + 1) {
      throw putBack(written - 1, mustStay, conflict(null));
    }
    return written;
  }

  private long put(String value, boolean overwrite) {
    return clients
        .ssm()
        .putParameter(r -> r.name(name).value(value).type(type).overwrite(overwrite))
        .version();
  }

  /** AWS Systems Manager documentation, "Working with parameter versions": {@code name:version}. */
  private AwsException putBack(long version, Predicate<String> mustStay, AwsException conflict) {
    try {
      Versioned theirs = read(name + ":" + version);
      if (theirs != null && mustStay.test(theirs.value())) {
        put(theirs.value(), true);
      }
    } catch (AwsException e) {
      conflict.addSuppressed(e);
    } catch (SdkException e) {
      conflict.addSuppressed(ParameterErrors.translated(e, name, "ssm:PutParameter"));
    }
    return conflict;
  }

  private AwsException conflict(@Nullable SdkException e) {
    return new AwsException(
        Code.PARAMETER_CONFLICT,
        name
            + " was written by another process since it was read; let only one function use a slot"
            + " and its watermark",
        e);
  }
}
