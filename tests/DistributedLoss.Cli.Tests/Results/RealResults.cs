using System.Collections.Concurrent;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Tests.Results;

/// <summary>Results of runs over all kinds of dumps and options; each command runs once.</summary>
public sealed class RealResults : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _results = [];

    /// <summary>Arguments by name. FIXTURES stands for the folder of fixtures, FOLDER for that of the dumps made here.</summary>
    public static IReadOnlyDictionary<string, string> Commands { get; } = new Dictionary<string, string>
    {
        ["known"] = "FIXTURES/known/arrow_f64.parquet",
        ["list"] = "FIXTURES/coarse/duckdb_list_lz4raw_u64.parquet",
        ["list of two levels"] = "FIXTURES/coarse/parquetjs_two_level_v1_brotli.parquet",
        ["flat"] = "FIXTURES/coarse/duckdb_flat_zstd.parquet --logits-prefix logits_",
        ["packed"] = "FIXTURES/coarse/hyparquet_packed_bfloat16.parquet --packed bfloat16",
        ["several files"] = "FIXTURES/split --sha256",
        ["many classes"] = "FIXTURES/fine/duckdb_list_none.parquet --top-k 1,2,33 --hardest 100 --num-classes 33",
        ["extreme"] = "FIXTURES/extreme",
        ["ignored rows"] = "FIXTURES/ignored/duckdb_f32.parquet",
        ["an infinite loss"] = "FIXTURES/odd/infinite_loss.parquet",
        ["all ignored"] = "FIXTURES/odd/all_ignored.parquet",
        ["no rows"] = "FIXTURES/odd/zero_rows.parquet",
        ["invalid rows"] = "FIXTURES/bad/many_causes.parquet --on-invalid skip",
        ["only invalid rows"] = "FOLDER/synthetic.parquet --input probs --on-invalid skip",
        ["probabilities"] = "FOLDER/probs.parquet --input probs --sum-tolerance 0.01",
        ["log-probabilities"] = "FOLDER/logProbs.parquet --input log-probs",
        ["class weights"] = "FOLDER/synthetic.parquet --class-weights FOLDER/weights.json --label-smoothing 0.1 --temperature 2",
        ["sample weights"] = "FOLDER/synthetic.parquet --sample-weight id --ignore-index 3",
        ["weights of zero"] = "FOLDER/synthetic.parquet --class-weights FOLDER/zeros.json",
        ["zero times infinity"] = "FOLDER/masked.parquet --class-weights FOLDER/masked.json",
        ["all statistics"] = "FOLDER/synthetic.parquet --statistics all --top-k 3",
        ["no statistics"] = "FOLDER/synthetic.parquet --statistics none",
        ["slices"] = "FIXTURES/slices/duckdb_plain_none.parquet --slice-by flag --slice-by text,i8 --statistics all --sample-weight label",
        ["groups"] = "FOLDER/synthetic.parquet --group-by label --bytes id --classes FOLDER/names.txt",
        ["slices and groups of no rows"] = "FIXTURES/odd/zero_rows.parquet --slice-by label --group-by label --bytes label --statistics all",
        ["sequences"] = "FIXTURES/sequences/duckdb_f32_none.parquet --on-invalid skip --statistics all",
        ["soft targets"] = "FIXTURES/targets/duckdb_soft_f32_none.parquet --on-invalid skip --statistics all",
        ["multi-label"] = "FIXTURES/targets/duckdb_multi_i32_snappy.parquet --input binary-logits --on-invalid skip --statistics all",
        ["binary"] = "FIXTURES/targets/duckdb_binary_f64_zstd.parquet --input binary-logits --on-invalid skip --statistics all --temperature 2",
        ["bytes of invalid rows"] = "FIXTURES/slices/duckdb_plain_none.parquet --bytes i8 --on-invalid skip",
        ["many classes confused"] = "FOLDER/wide.parquet --statistics confusion",
    };

    public Task<string> GetAsync(string name) => _results.GetOrAdd(name, n => new Lazy<Task<string>>(() => RunAsync(Commands[n]))).Value;

    public void Dispose() => _folder.Dispose();

    private async Task<string> RunAsync(string command)
    {
        MakeDumps();
        string[] args = [.. command.Split(' ').Select(a => a.Replace("FIXTURES", Repository.File("tests/fixtures")).Replace("FOLDER", _folder.Path))];
        var outcome = await CliRunner.RunAsync(["evaluate", .. args, "--format", "json"]);
        Assert.True(outcome.ExitCode == ExitCode.Done, $"evaluate {command}: {outcome.Error}");
        return outcome.Out;
    }

    private void MakeDumps()
    {
        lock (_folder)
        {
            if (File.Exists(_folder["synthetic.parquet"]))
            {
                return;
            }

            Dumps.Synthetic(_folder);
            Dumps.Of(_folder, "probs.parquet", ([0.25, 0.25, 0.5], 0), ([0, 1, 0], 1), ([0, 1, 0], 2));
            Dumps.Of(_folder, "logProbs.parquet", ([0, double.NegativeInfinity, double.NegativeInfinity], 0), ([0, double.NegativeInfinity, double.NegativeInfinity], 1));
            Dumps.Of(_folder, "masked.parquet", ([1, double.NegativeInfinity, 3], 1), ([1, 2, 3], 0));
            SyntheticDump.Write(_folder["wide.parquet"], new SyntheticOptions { Rows = 50, Classes = 1001 });
            _folder.Write("names.txt", "a\nb\nc\nd\ne\nf\ng\n");
            _folder.Write("weights.json", "[1, 2, 0, 0.5, 1e-3, 1, 1]");
            _folder.Write("zeros.json", "[0, 0, 0, 0, 0, 0, 0]");
            _folder.Write("masked.json", "[1, 0, 1]");
        }
    }
}
