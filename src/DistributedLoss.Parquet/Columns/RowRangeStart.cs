namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Where in a row group a range of rows begins, with a page to begin reading at. Without a page (<see cref="PageOffset"/> 0) the rows before are passed over
/// from the row group's start.
/// </summary>
/// <param name="FirstRow">0-based row within the row group.</param>
/// <param name="PageOffset">File offset of a data page's header in the (first) logits column, at or before that row.</param>
/// <param name="RowsBefore">Rows that start before that page.</param>
/// <param name="ValuesBefore">Values of the column chunk, nulls included, before that page.</param>
public readonly record struct RowRangeStart(long FirstRow, long PageOffset = 0, long RowsBefore = 0, long ValuesBefore = 0);
