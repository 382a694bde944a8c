@NullMarked
package dev.pg2kinesis.publish;

import org.jspecify.annotations.NullMarked;
