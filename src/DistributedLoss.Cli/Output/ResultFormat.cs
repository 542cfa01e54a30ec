namespace DistributedLoss.Cli.Output;

/// <summary>How a result goes to stdout.</summary>
internal enum ResultFormat
{
    Table,
    Json,
}
