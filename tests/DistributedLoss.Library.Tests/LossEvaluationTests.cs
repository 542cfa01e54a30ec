using System.Text.Json;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Results;

namespace DistributedLoss.Library.Tests;

public sealed class LossEvaluationTests : IDisposable
{
    private static readonly string Dump = Repository.Fixture("coarse/arrow_list_none.parquet");

    private readonly string _folder = Directory.CreateTempSubdirectory("dloss-library-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_mean_is_that_of_PyTorch()
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(Repository.Fixture("expected.json")));
        double mean = expected.RootElement.GetProperty("coarse").GetProperty("mean").GetDouble();
        var result = LossEvaluation.Evaluate([Dump]);
        Assert.InRange(result.Loss.Mean!.Value, double.BitDecrement(mean), double.BitIncrement(mean));
        Assert.Equal((320, 320), (result.Rows.Total, result.Rows.Evaluated));
    }

    [Fact]
    public async Task Settings_and_threads_change_no_bit()
    {
        string digest = LossEvaluation.Evaluate([Dump]).Digest;
        var settings = new EvaluationSettings { Workers = 3, ShardBytes = 1, RunDirectory = Path.Combine(_folder, "run") };
        Assert.Equal(digest, (await LossEvaluation.EvaluateAsync([Dump], settings: settings)).Digest);
    }

    [Fact]
    public void Options_are_those_of_the_loss()
    {
        double plain = LossEvaluation.Evaluate([Dump]).Loss.Mean!.Value;
        var smoothed = LossEvaluation.Evaluate([Dump], new EvaluationOptions { Loss = new LossFunction { LabelSmoothing = 0.2 } });
        Assert.NotEqual(plain, smoothed.Loss.Mean);
        Assert.Equal(0.2, smoothed.Options.Loss.LabelSmoothing);
    }

    [Fact]
    public void A_run_tells_how_far_it_is_and_what_happens()
    {
        var snapshots = new Snapshots();
        var events = new List<RunEvent>();
        var result = LossEvaluation.Evaluate([Dump], settings: new EvaluationSettings { OnEvent = events.Add }, progress: snapshots);
        Assert.Equal(result.Digest, Assert.Single(events.OfType<RunEvent.RunFinished>()).Digest);
        Assert.Equal(320, snapshots.Last!.RowsDone);
    }

    [Fact]
    public void Values_that_do_not_look_like_what_is_declared_are_told()
    {
        string file = Write([0.25, 0.75], [0.5, 0.5], [0.125, 0.875]);
        var events = new List<RunEvent>();
        LossEvaluation.Evaluate([file], settings: new EvaluationSettings { OnEvent = events.Add });
        Assert.Equal("probs", Assert.Single(events.OfType<RunEvent.InputDoubtful>()).Doubt.LooksLike);
    }

    [Fact]
    public async Task Cancelling_ends_a_run_and_its_directory_goes_on_from_there()
    {
        string file = Path.Combine(_folder, "dump.parquet");
        SyntheticDump.Write(file, new SyntheticOptions { Rows = 2000, Classes = 10, RowGroupRows = 10 });
        using var stop = new CancellationTokenSource();
        var settings = new EvaluationSettings
        {
            Workers = 1,
            RunDirectory = Path.Combine(_folder, "run"),
            OnEvent = e =>
            {
                if (e is RunEvent.ShardFinished)
                {
                    stop.Cancel();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LossEvaluation.EvaluateAsync([file], settings: settings, cancel: stop.Token));

        var events = new List<RunEvent>();
        var result = LossEvaluation.Evaluate([file], settings: settings with { Resume = true, OnEvent = events.Add });
        Assert.InRange(Assert.Single(events.OfType<RunEvent.RunResumed>()).ShardsDone, 1, 199);
        Assert.Equal(LossEvaluation.Evaluate([file]).Digest, result.Digest);
    }

    [Theory]
    [InlineData("no/such/dump.parquet", "no such file")]
    [InlineData("README.md", "README.md")]
    [InlineData("tests/fixtures/bad/logit_nan.parquet", "row 7")]
    [InlineData("tests/fixtures/bad/label_is_a_fraction.parquet", "label")]
    public void Bad_input_says_in_one_line_what_and_where(string path, string expected)
    {
        var error = Assert.Throws<BadInputException>(() => LossEvaluation.Evaluate([Repository.File(path)]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    public static TheoryData<string, EvaluationOptions?, EvaluationSettings?> Mistakes() => new()
    {
        { "--temperature 0", new EvaluationOptions { Loss = new LossFunction { Temperature = 0 } }, null },
        { "2 weights for 10 classes", new EvaluationOptions { ClassWeights = [1, 2] }, null },
        { "Workers 0", null, new EvaluationSettings { Workers = 0 } },
        { "ShardBytes 0", null, new EvaluationSettings { ShardBytes = 0 } },
        { "RunDirectory", null, new EvaluationSettings { Resume = true } },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void An_option_that_cannot_be_is_refused(string expected, EvaluationOptions? options, EvaluationSettings? settings) =>
        Assert.Contains(expected, Assert.Throws<BadOptionException>(() => LossEvaluation.Evaluate([Dump], options, settings)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_listener_that_throws_ends_the_run_and_is_named()
    {
        var settings = new EvaluationSettings { OnEvent = e => throw (e is RunEvent.RunStarted ? new InvalidOperationException("the listener's own") : new InvalidOperationException("later")) };
        var error = Assert.ThrowsAny<Exception>(() => LossEvaluation.Evaluate([Dump], settings: settings));
        Assert.Contains("the listener's own", error.ToString(), StringComparison.Ordinal);
    }

    private string Write(params double[][] rows)
    {
        string file = Path.Combine(_folder, "rows.parquet");
        using var writer = new DumpWriter(file, new DumpSchema(rows[0].Length) { LogitType = Parquet.Writing.LogitType.Float64 });
        foreach (double[] row in rows)
        {
            writer.AppendRow(row.AsSpan(), 0);
        }

        writer.Close();
        return file;
    }

    private sealed class Snapshots : IProgress<RunProgress>
    {
        public RunProgress? Last { get; private set; }

        public void Report(RunProgress value) => Last = value;
    }
}
