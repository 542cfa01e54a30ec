using System.Text.Json;

namespace DistributedLoss.Faults.Processes;

/// <summary>How a <c>dloss</c> process ended and what it wrote.</summary>
internal sealed record Outcome(string Command, int ExitCode, string Output, string[] ErrorLines)
{
    /// <summary>Stdout as one JSON document.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public override string ToString() => $"dloss {Command}\nexit code {ExitCode}\nstdout: {Output}\nstderr: {string.Join('\n', ErrorLines)}";
}
