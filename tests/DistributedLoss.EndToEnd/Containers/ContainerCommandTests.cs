using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DistributedLoss.EndToEnd.Containers;

/// <summary>What compose and Kubernetes tell the command is what the command knows.</summary>
public partial class ContainerCommandTests
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    public static TheoryData<string> Containers() => [.. DlossContainer.All.Select(c => c.Name)];

    [Fact]
    public void There_is_a_coordinator_and_a_worker_for_compose_and_for_Kubernetes() =>
        Assert.Equal(["evaluate", "evaluate", "worker", "worker"], DlossContainer.All.Select(c => c.Arguments[0]).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Containers))]
    public void Every_option_is_one_of_the_command(string name)
    {
        string[] arguments = DlossContainer.All.Single(c => c.Name == name).Arguments;
        string help = Dloss.Run(arguments[0], "--help").Output;
        Assert.All(arguments.Where(a => a.StartsWith("--", StringComparison.Ordinal)), option => Assert.Matches($@"(?m)^  ({Regex.Escape(option)})[ ,\n]", help));
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void Every_variable_is_one_that_the_program_reads(string name)
    {
        string[] known = [.. Variables(), .. Settings(JsonDocument.Parse(Repository.Read("config/dloss.json"), WithComments).RootElement, "DLOSS")];
        string[] given = DlossContainer.All.Single(c => c.Name == name).Variables;
        Assert.Contains("DLOSS_BROKER", given);
        Assert.All(given, variable => Assert.Contains(variable, known));
    }

    [Fact]
    public void A_worker_that_is_told_to_stop_is_left_the_time_to_hand_back_its_shard()
    {
        int grace = JsonDocument.Parse(Repository.Read("config/dloss.json"), WithComments).RootElement.GetProperty("worker").GetProperty("graceSeconds").GetInt32();
        string compose = Yaml.Documents("docker-compose.yml").Single()["services"]["worker"]["stop_grace_period"].Text!;
        string kubernetes = Yaml.Documents("config/k8s/worker.yaml").Single()["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].Text!;
        Assert.All([compose, kubernetes], text => Assert.InRange(int.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture), grace + 5, 10 * grace));
    }

    private static IEnumerable<string> Variables() =>
        Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories).SelectMany(f => Variable().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value);

    /// <summary>DLOSS_engine__workers for engine.workers.</summary>
    private static IEnumerable<string> Settings(JsonElement element, string name) => element.ValueKind != JsonValueKind.Object
        ? [name]
        : element.EnumerateObject().SelectMany(p => Settings(p.Value, $"{name}{(name == "DLOSS" ? "_" : "__")}{p.Name}"));

    [GeneratedRegex("\"(DLOSS_[A-Z_]+)\"")]
    private static partial Regex Variable();
}
