@NullMarked
package dev.pg2kinesis.error;

import org.jspecify.annotations.NullMarked;
