package dev.pg2kinesis.endtoend;

/**
 * What an endpoint took.
 *
 * @param calls of {@code PutRecords}
 * @param records that it acknowledged
 * @param bytes of their data and partition keys
 * @param units of 25 KB that Kinesis would charge for, each record rounded up
 * @param kilobytes that a stream on demand would charge for, each record rounded up
 */
record Traffic(long calls, long records, long bytes, long units, long kilobytes) {

  static final Traffic NONE = new Traffic(0, 0, 0, 0, 0);

  double megabytes() {
    return bytes / 1e6;
  }

  @Override
  public String toString() {
    return calls + " " + records + " " + bytes + " " + units + " " + kilobytes;
  }

  static Traffic parse(String text) {
    String[] numbers = text.split(" ", -1);
    return new Traffic(
        Long.parseLong(numbers[0]),
        Long.parseLong(numbers[1]),
        Long.parseLong(numbers[2]),
        Long.parseLong(numbers[3]),
        Long.parseLong(numbers[4]));
  }
}
