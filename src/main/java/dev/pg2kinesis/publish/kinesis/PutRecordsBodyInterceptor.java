package dev.pg2kinesis.publish.kinesis;

import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Sends a request with the body that is given with it instead of the marshalled one. */
final class PutRecordsBodyInterceptor implements ExecutionInterceptor {

  static final ExecutionAttribute<PutRecordsBody> BODY = new ExecutionAttribute<>("PutRecordsBody");

  @Override
  public Optional<RequestBody> modifyHttpContent(
      Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
    PutRecordsBody body = attributes.getAttribute(BODY);
    if (body == null) {
      return context.requestBody();
    }
    return Optional.of(
        RequestBody.fromContentProvider(
            body::newStream, body.size(), "application/x-amz-cbor-1.1"));
  }

  @Override
  public SdkHttpRequest modifyHttpRequest(
      Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
    PutRecordsBody body = attributes.getAttribute(BODY);
    return body == null
        ? context.httpRequest()
        : context.httpRequest().toBuilder()
            .putHeader("Content-Length", Integer.toString(body.size()))
            .build();
  }
}
