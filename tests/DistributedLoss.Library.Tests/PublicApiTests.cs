using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;

namespace DistributedLoss.Library.Tests;

public class PublicApiTests
{
    private const string AcceptVariable = "DLOSS_ACCEPT_API";

    /// <summary>As docs/library.md has them, "What is API".</summary>
    private static readonly Type[] Roots =
    [
        typeof(LossEvaluation), typeof(ResultJson), typeof(ResultReader),
        typeof(BadInputException), typeof(BadOptionException), typeof(EngineException), typeof(RunDirectoryException),
    ];

    private static string Approved => Repository.File("tests/DistributedLoss.Library.Tests/PublicApi.txt");

    /// <summary>Whoever changes the API does so on purpose: the approved one is a file of the repository, and changes with it.</summary>
    [Fact]
    public void The_public_API_is_the_approved_one()
    {
        string api = PublicApi.Print(Roots);
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(Approved, api);
        }

        string[] approved = File.Exists(Approved) ? File.ReadAllLines(Approved) : [], actual = api.TrimEnd('\n').Split('\n');
        Assert.True(
            approved.SequenceEqual(actual),
            $"The API of the package DistributedLoss is not that of {Approved}:\n"
            + string.Concat(Difference(approved, actual).Select(line => $"  {line}\n"))
            + $"If users shall have it so: {AcceptVariable}=1 dotnet test tests/DistributedLoss.Library.Tests, commit the file, and say it in CHANGELOG.md.");
    }

    [Fact]
    public void Users_see_nothing_in_the_namespace_of_the_package_but_its_entrance() =>
        Assert.Equal(
            ["EvaluationSettings", "LossEvaluation"],
            Roots.Append(typeof(Numerics.Kernels.RowKernel)).Append(typeof(Parquet.ParquetException)).Append(typeof(Local.LocalEngine))
                .SelectMany(t => t.Assembly.GetExportedTypes()).Distinct().Where(t => t.Namespace == nameof(DistributedLoss)).Select(t => t.Name).Order(StringComparer.Ordinal));

    /// <summary>What is beyond the API may change in any version: no type of it is a field's width away from being API by accident.</summary>
    [Fact]
    public void The_API_leads_to_no_machinery() =>
        Assert.DoesNotContain(
            PublicApi.Reach(Roots),
            t => t.Namespace is "DistributedLoss.Wire" or "DistributedLoss.Local" or "DistributedLoss.Parquet.Pages" || t.Name is "RunPlan" or "Totals" or "Coordinator" or "RowKernel");

    /// <summary>With its type above a member, as a diff has it.</summary>
    private static IEnumerable<string> Difference(string[] approved, string[] actual)
    {
        HashSet<(string Type, string Line)> before = [.. WithTypes(approved)], after = [.. WithTypes(actual)];
        return before.Except(after).Select(l => (l, Sign: "-")).Concat(after.Except(before).Select(l => (l, Sign: "+")))
            .OrderBy(d => d.l.Type, StringComparer.Ordinal)
            .Select(d => d.l.Type == d.l.Line ? $"{d.Sign} {d.l.Line}" : $"{d.Sign} {d.l.Type}: {d.l.Line.Trim()}");
    }

    private static IEnumerable<(string Type, string Line)> WithTypes(string[] lines)
    {
        string type = "";
        foreach (string line in lines)
        {
            type = line.StartsWith(' ') ? type : line;
            yield return (type, line);
        }
    }
}
