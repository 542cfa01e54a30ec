using System.Text.Json;
using System.Text.Json.Nodes;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Cli.Tests.Results;

/// <summary>docs/result.schema.json and real results: everything in a result is described, and everything described is in a result.</summary>
public sealed class ResultSchemaTests(RealResults results) : IClassFixture<RealResults>
{
    private static readonly ResultSchema Schema = ResultSchema.Read();

    public static TheoryData<string> Runs() => [.. RealResults.Commands.Keys];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_real_result_fits_the_schema(string run) => Assert.Empty(Schema.Errors(await results.GetAsync(run)));

    [Fact]
    public async Task Every_field_of_the_schema_is_in_a_real_result()
    {
        var fields = new HashSet<string>();
        foreach (string run in RealResults.Commands.Keys)
        {
            using var result = JsonDocument.Parse(await results.GetAsync(run));
            fields.UnionWith(ResultSchema.Fields(result.RootElement));
        }

        Assert.Empty(Schema.Fields().Except(fields));
    }

    [Fact]
    public void Names_that_options_and_causes_have_are_those_of_the_schema_and_are_explained()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/result.schema.json"));
        string text = Repository.Read("docs/results.md");
        var definitions = schema.RootElement.GetProperty("$defs");
        var causes = definitions.GetProperty("rows").GetProperty("properties").GetProperty("invalid").GetProperty("properties").EnumerateObject().Select(p => p.Name).ToList();
        Assert.Equal(InvalidCauses.All.Select(InvalidCauses.Name).Order(), causes.Order());
        Assert.All(causes, cause => Assert.Contains($"`{cause}`", text, StringComparison.Ordinal));
        var options = schema.RootElement.GetProperty("properties").GetProperty("options").GetProperty("properties");
        Assert.Equal(LossInputs.Names, Values(options.GetProperty("input")));
        Assert.Equal(StatisticNames.All, Values(options.GetProperty("statistics").GetProperty("items")));
    }

    [Fact]
    public async Task A_field_more_or_less_anywhere_does_not_fit()
    {
        string plain = await results.GetAsync("known");
        int objects = 0;
        foreach (string path in ObjectPaths(JsonNode.Parse(plain)!))
        {
            objects++;
            var more = JsonNode.Parse(plain)!;
            At(more, path)["undescribed"] = 1;
            Assert.NotEmpty(Schema.Errors(more.ToJsonString()));
            if (path is "rows/invalid" or "accuracy")
            {
                continue;
            }

            var less = JsonNode.Parse(plain)!;
            At(less, path).Remove(At(less, path).First().Key);
            Assert.NotEmpty(Schema.Errors(less.ToJsonString()));
        }

        Assert.True(objects > 10, $"{objects} objects");
    }

    [Theory]
    [InlineData("loss/mean", "\"nan\"")]
    [InlineData("loss/mean", "true")]
    [InlineData("loss/ci95", "[1]")]
    [InlineData("loss/ci95", "[1, null]")]
    [InlineData("loss/denominator", "null")]
    [InlineData("loss/denominatorUnit", "\"batches\"")]
    [InlineData("rows/total", "-1")]
    [InlineData("rows/total", "1.5")]
    [InlineData("rows/invalid", "{\"nan\": 0}")]
    [InlineData("accuracy", "{\"top0\": 1, \"meanReciprocalRank\": 1}")]
    [InlineData("accuracy", "{\"top1\": 1.01, \"meanReciprocalRank\": 1}")]
    [InlineData("digest", "\"0\"")]
    [InlineData("files", "[]")]
    [InlineData("options/input", "\"guess\"")]
    [InlineData("timing/started", "\"yesterday\"")]
    public async Task A_value_of_another_kind_does_not_fit(string path, string value)
    {
        var result = JsonNode.Parse(await results.GetAsync("known"))!;
        string[] names = path.Split('/');
        At(result, string.Join('/', names[..^1]))[names[^1]] = JsonNode.Parse(value);
        string error = Assert.Single(Schema.Errors(result.ToJsonString()));
        Assert.Contains(names[^1], error, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Values(JsonElement schema) => schema.GetProperty("enum").EnumerateArray().Select(v => v.GetString());

    private static JsonObject At(JsonNode root, string path) =>
        (JsonObject)path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(root, (node, name) => node is JsonArray array ? array[int.Parse(name)]! : node[name]!);

    private static IEnumerable<string> ObjectPaths(JsonNode node, string path = "") => node switch
    {
        JsonObject o => o.Where(p => p.Value is not null).SelectMany(p => ObjectPaths(p.Value!, $"{path}/{p.Key}".TrimStart('/'))).Prepend(path),
        JsonArray { Count: > 0 } a => ObjectPaths(a[0]!, $"{path}/0"),
        _ => [],
    };
}
