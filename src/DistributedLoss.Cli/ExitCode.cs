namespace DistributedLoss.Cli;

/// <summary>What the process's exit code says; a contract with scripts, listed in README.md.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Usage = 2;
    public const int BadInput = 3;
    public const int RunFailed = 4;
    public const int ThresholdMissed = 5;
    public const int Cancelled = 130;
}
