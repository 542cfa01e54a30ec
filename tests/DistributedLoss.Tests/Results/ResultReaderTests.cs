using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Results;

/// <summary>A result that is read back is the one that was written, figures and options alike.</summary>
public sealed class ResultReaderTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public static TheoryData<string> Families => [.. OptionFamily.All.Select(f => f.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void A_result_read_back_is_written_as_the_same_bytes_and_made_again_with_its_options(string family)
    {
        var run = OptionFamily.Of(family);
        run.Dump().Write(_folder["dump.parquet"]);
        var plan = RunPlan.Create([_folder.Path], run.Options);
        var result = OptionFamily.Build(plan, DumpFolder.Evaluate(plan));
        string file = _folder["result.json"];
        Write(file, result);
        var read = ResultReader.Read(file);
        Write(_folder["again.json"], read);
        Assert.Equal(File.ReadAllText(file), File.ReadAllText(_folder["again.json"]));

        var again = RunPlan.Create([.. read.Files.Select(f => f.Path)], read.Options);
        Assert.Equal(result.Digest, DumpFolder.Evaluate(again).Digest());
    }

    [Theory]
    [InlineData("", "no result of dloss")]
    [InlineData("[]", "no result of dloss (it has no options)")]
    [InlineData("PAR1", "no result of dloss")]
    public void What_is_no_result_is_refused_by_name(string text, string reason)
    {
        string file = _folder["result.json"];
        File.WriteAllText(file, text);
        string message = Assert.Throws<BadInputException>(() => ResultReader.Read(file)).Message;
        Assert.StartsWith($"{file}: this is {reason}", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_result_that_lacks_a_line_is_refused()
    {
        var run = OptionFamily.Of("plain");
        run.Dump().Write(_folder["dump.parquet"]);
        var plan = RunPlan.Create([_folder.Path], run.Options with { Hardest = 0 });
        string file = _folder["result.json"];
        Write(file, OptionFamily.Build(plan, DumpFolder.Evaluate(plan)));
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            // What follows from the rest may be missing, causes that no row has, and a k of the accuracies.
            if (lines[i].Length == 0 || char.IsDigit(lines[i].TrimStart()[0]) || lines[i].Contains("\"remark\"", StringComparison.Ordinal) || lines[i].Contains("\"histogram\"", StringComparison.Ordinal) || (lines[i].StartsWith("      \"", StringComparison.Ordinal) && lines[i].EndsWith(": 0,", StringComparison.Ordinal)))
            {
                continue;
            }

            File.WriteAllLines(file, [.. lines[..i], .. lines[(i + 1)..]]);
            var refused = Record.Exception(() => ResultReader.Read(file));
            Assert.True(refused is BadInputException, $"without line {i}, {lines[i]}: {refused}");
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    private static void Write(string path, EvaluationResult result)
    {
        using var stream = File.Create(path);
        ResultJson.Write(stream, result);
    }
}
