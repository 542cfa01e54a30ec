using System.Text.Json.Nodes;

namespace DistributedLoss.Http.Status;

/// <summary>Whether the process does what it is there for, and one JSON object that says how far it is.</summary>
/// <param name="Trouble">What is wrong, in one line; null while nothing is.</param>
/// <param name="Facts">Names and values behind <c>healthy</c> and <c>trouble</c>.</param>
public sealed record HealthReport(string? Trouble, JsonObject Facts)
{
    /// <summary>One line of JSON, without its end.</summary>
    public string ToJson()
    {
        var all = new JsonObject { ["healthy"] = Trouble is null };
        if (Trouble is not null)
        {
            all["trouble"] = Trouble;
        }

        foreach (var (name, value) in Facts)
        {
            all[name] = value?.DeepClone();
        }

        return all.ToJsonString();
    }
}
