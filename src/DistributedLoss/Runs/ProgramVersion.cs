using System.Reflection;

namespace DistributedLoss.Runs;

/// <summary>The version of the program. One version does a whole run: another may compute other bits.</summary>
public static class ProgramVersion
{
    /// <summary>As <c>dloss --version</c> has it, without the build's identity.</summary>
    public static string Current { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Why this program does not run with one of the other version; null where it does.</summary>
    /// <param name="who">Who is of that version: the run, or a worker.</param>
    public static string? Refusal(string who, string other) =>
        other == Current ? null : $"{who} is of dloss {other}, and this is dloss {Current}; let one version of dloss do the whole run";
}
