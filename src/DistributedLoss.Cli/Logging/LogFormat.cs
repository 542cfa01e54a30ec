namespace DistributedLoss.Cli.Logging;

internal enum LogFormat
{
    Text,
    Json,
}

internal static class LogFormats
{
    public const string Option = "--log-format";

    /// <summary>What the arguments ask for, read without a parser: errors in the arguments themselves are told in that format too.</summary>
    public static LogFormat Wanted(IReadOnlyList<string> args)
    {
        for (int i = 0; i < args.Count && args[i] != "--"; i++)
        {
            if (args[i] is $"{Option}=json" or $"{Option}:json" || (args[i] == Option && i + 1 < args.Count && args[i + 1] == "json"))
            {
                return LogFormat.Json;
            }
        }

        return LogFormat.Text;
    }
}
