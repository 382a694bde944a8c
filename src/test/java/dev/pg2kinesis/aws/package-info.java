/** Tests against moto, an emulator of AWS, run on loopback. */
@NullMarked
package dev.pg2kinesis.aws;

import org.jspecify.annotations.NullMarked;
