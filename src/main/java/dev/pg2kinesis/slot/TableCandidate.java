package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.TableName;
import java.util.List;

/**
 * What decides whether a table can be loaded by a snapshot.
 *
 * @param table the name that its changes carry
 * @param ancestors the partitioned tables that it is a part of
 * @param estimatedRows the planner's estimate; negative if the table was never analysed
 * @param hasKey whether it has a replica identity index or a primary key
 * @param identityNothing whether it has {@code REPLICA IDENTITY NOTHING}
 * @param unlogged whether it is unlogged or temporary, so that its changes are not in the WAL
 * @param kind {@code relkind} of {@code pg_class}: {@code r} a table, {@code p} a partitioned
 *     table, {@code v} a view, {@code m} a materialised view, {@code f} a foreign table
 * @param published whether the slot's plugin shows its inserts, updates, deletes and truncates
 * @param readable whether the role may read it
 * @param rowSecurity whether row-level security hides rows from the role
 */
public record TableCandidate(
    TableName table,
    List<TableName> ancestors,
    long estimatedRows,
    boolean hasKey,
    boolean identityNothing,
    boolean unlogged,
    String kind,
    boolean published,
    boolean readable,
    boolean rowSecurity) {}
