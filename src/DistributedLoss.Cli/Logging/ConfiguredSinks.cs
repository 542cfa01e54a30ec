using Microsoft.Extensions.Configuration;
using Serilog;

namespace DistributedLoss.Cli.Logging;

/// <summary>
/// Sinks, enrichers and levels of the configuration's <c>Serilog</c> section, as Serilog.Settings.Configuration reads it. A class of its own, so
/// that its assemblies are loaded only where there is such a section.
/// </summary>
internal static class ConfiguredSinks
{
    /// <exception cref="CliException">The section names an assembly or a sink that cannot be had.</exception>
    public static void Add(LoggerConfiguration logger, IReadOnlyDictionary<string, string?> section)
    {
        try
        {
            logger.ReadFrom.Configuration(new ConfigurationBuilder().AddInMemoryCollection(section).Build());
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or ArgumentException or FormatException)
        {
            throw CliException.Usage($"configuration: the Serilog section cannot be used: {CliException.Reason(e)}; see docs/logging.md");
        }
    }
}
