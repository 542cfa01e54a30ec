namespace DistributedLoss.Evaluation;

/// <summary>
/// The input cannot be evaluated: a path, a column or a row is at fault, and no retry can help. The message is one line: what, where, what to do.
/// Content that is no valid Parquet is <see cref="Parquet.ParquetException"/>, which is answered alike.
/// </summary>
public sealed class BadInputException(string message, Exception? inner = null) : Exception(message, inner);
