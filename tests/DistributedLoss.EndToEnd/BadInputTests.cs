namespace DistributedLoss.EndToEnd;

/// <summary>Input that cannot be evaluated: exit code 3, nothing on stdout, one line on stderr that says what and where.</summary>
public class BadInputTests
{
    /// <summary>Fixture, arguments after the path, and what the line must name beside the file.</summary>
    public static TheoryData<string, string[], string[]> Faults() => new()
    {
        // One fault in row 7 of 20.
        { "bad/label_out_of_range.parquet", [], ["row group 0", "row 7", "10"] },
        { "bad/label_negative.parquet", [], ["row group 0", "row 7", "-1"] },
        { "bad/label_huge.parquet", [], ["row group 0", "row 7", "18446744073709551615"] },
        { "bad/label_null.parquet", [], ["row group 0", "row 7", "label"] },
        { "bad/logit_nan.parquet", [], ["row group 0", "row 7", "NaN"] },
        { "bad/logit_infinite.parquet", [], ["row group 0", "row 7", "inf"] },
        { "bad/row_all_masked.parquet", [], ["row group 0", "row 7", "-inf"] },
        { "bad/row_short.parquet", [], ["row group 0", "row 7", "9", "10"] },
        { "bad/row_long.parquet", [], ["row group 0", "row 7", "11", "10"] },
        { "bad/row_empty.parquet", [], ["row group 0", "row 7", "0", "10"] },
        { "bad/row_null.parquet", [], ["row group 0", "row 7", "null"] },
        { "bad/logit_null.parquet", [], ["row group 0", "row 7", "null"] },
        { "bad/flat_null.parquet", ["--logits-prefix", "logits_"], ["row group 0", "row 1", "null"] },
        { "bad/packed_uneven.parquet", ["--packed", "float32"], ["row group 0", "row 1", "5"] },
        // The schema is at fault.
        { "bad/logits_are_text.parquet", [], ["logits"] },
        { "bad/logits_are_flags.parquet", [], ["logits", "BOOLEAN"] },
        { "bad/label_is_a_fraction.parquet", [], ["label", "DOUBLE"] },
        { "bad/flat_with_a_gap.parquet", ["--logits-prefix", "logits_"], ["logits_2"] },
        { "known/duckdb_f64.parquet", ["--logits", "scores"], ["scores", "id", "label", "logits"] },
        { "known/duckdb_f64.parquet", ["--label", "target"], ["target", "id", "label", "logits"] },
        { "known/duckdb_f64.parquet", ["--logits-prefix", "z_"], ["z_", "id", "label", "logits"] },
        { "known/duckdb_f64.parquet", ["--packed", "float32"], ["logits", "packed"] },
        { "coarse/duckdb_packed_f32_snappy.parquet", [], ["logits", "packed"] },
        { "bad/codec_lzo.parquet", [], ["LZO"] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_one_line_that_names_file_and_place(string file, string[] arguments, string[] named)
    {
        string path = Fixtures.PathOf(file);
        Fails(["evaluate", path, .. arguments], [path, .. named]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("7")]
    public void The_first_fault_in_path_and_row_order_is_told_whatever_the_workers(string workers)
    {
        string first = Fixtures.PathOf("bad/many_causes.parquet");
        // Rows 1, 2, 4 ... 9 of 20 are at fault; the line is about row 1, whose label is 10.
        Fails(["evaluate", first, "--workers", workers], [first, "row 1", "10"]);
    }

    [Fact]
    public void A_path_that_is_not_there_is_named() => Fails(["evaluate", "/no/such/dump.parquet"], ["/no/such/dump.parquet", "no such"]);

    [Fact]
    public void A_pattern_that_matches_nothing_is_named() =>
        Fails(["evaluate", Fixtures.PathOf("coarse/*.csv")], [Fixtures.PathOf("coarse/*.csv")]);

    [Fact]
    public void A_directory_without_Parquet_files_is_named()
    {
        using var folder = new TempFolder();
        folder.Write("_hidden.parquet", [1]);
        folder.Write("notes.txt", [1]);
        Fails(["evaluate", folder.Root], [folder.Root, "*.parquet"]);
    }

    [Fact]
    public void A_file_that_is_not_Parquet_is_named()
    {
        using var folder = new TempFolder();
        foreach (byte[] bytes in new[] { [], "PAR1"u8.ToArray(), "label,logits\n1,2\n"u8.ToArray(), new byte[4096] })
        {
            string path = folder.Write("dump.parquet", bytes);
            Fails(["evaluate", path], [path]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(-9)]
    [InlineData(-200)]
    public void A_truncated_file_is_named(int kept)
    {
        byte[] bytes = File.ReadAllBytes(Fixtures.PathOf("coarse/duckdb_list_none.parquet"));
        using var folder = new TempFolder();
        string path = folder.Write("cut.parquet", bytes[..(kept > 0 ? kept : bytes.Length + kept)]);
        Fails(["evaluate", path], [path]);
    }

    [Fact]
    public void Pages_lost_from_the_middle_of_a_file_are_told_with_their_place()
    {
        // The footer is whole, but its offsets point past what is left of the pages.
        byte[] bytes = File.ReadAllBytes(Fixtures.PathOf("coarse/duckdb_list_none.parquet"));
        using var folder = new TempFolder();
        string path = folder.Write("hole.parquet", [.. bytes[..2000], .. bytes[6000..]]);
        Fails(["evaluate", path], [path]);
    }

    [Fact]
    public void A_damaged_byte_in_the_footer_is_told_or_does_no_harm()
    {
        byte[] good = File.ReadAllBytes(Fixtures.PathOf("coarse/arrow_list_none.parquet"));
        int footer = good.Length - 8 - BitConverter.ToInt32(good, good.Length - 8);
        using var folder = new TempFolder();
        for (int at = footer, step = (good.Length - footer) / 12; at < good.Length; at += step)
        {
            byte[] bytes = [.. good];
            bytes[at] ^= 0x55;
            var outcome = Dloss.Run("evaluate", folder.Write("damaged.parquet", bytes), "--format", "json");
            Assert.True(outcome.ExitCode is 0 or 3, $"byte {at}: exit code {outcome.ExitCode} of {outcome}");
            Assert.Equal(outcome.ExitCode == 0 ? 0 : 1, outcome.ErrorLines.Length);
        }
    }

    [Fact]
    public void A_bad_file_among_good_ones_fails_the_run_by_its_name()
    {
        using var folder = new TempFolder();
        folder.Copy(Fixtures.PathOf("coarse/duckdb_list_none.parquet"), "a.parquet");
        string bad = folder.Copy(Fixtures.PathOf("bad/logit_nan.parquet"), "b/b.parquet");
        folder.Copy(Fixtures.PathOf("coarse/polars_list_none.parquet"), "c.parquet");
        Fails(["evaluate", folder.Root], [bad, "row group 0", "row 7"]);
    }

    [Fact]
    public void Files_that_disagree_on_the_number_of_classes_are_told()
    {
        using var folder = new TempFolder();
        folder.Copy(Fixtures.PathOf("fine/duckdb_list_none.parquet"), "a.parquet");
        string other = folder.Copy(Fixtures.PathOf("coarse/duckdb_list_none.parquet"), "b.parquet");
        Fails(["evaluate", folder.Root], [other, "33", "10"]);
    }

    [Fact]
    public void A_declared_number_of_classes_is_held_against_the_rows()
    {
        string path = Fixtures.PathOf("coarse/duckdb_list_none.parquet");
        Fails(["evaluate", path, "--num-classes", "11"], [path, "row group 0", "row 0", "10", "11"]);
    }

    [Fact]
    public void With_a_log_of_JSON_lines_the_error_is_one_of_them()
    {
        var outcome = Dloss.Run("evaluate", Fixtures.PathOf("bad/logit_nan.parquet"), "--log-format", "json");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        string line = Assert.Single(outcome.ErrorLines, l => l.Contains("\"RunFailed\"", StringComparison.Ordinal));
        Assert.Contains("logit_nan.parquet", line);
    }

    private static void Fails(string[] arguments, string[] named)
    {
        var outcome = Dloss.Run(arguments);
        Assert.True(outcome.ExitCode == 3, $"exit code {outcome.ExitCode}, not 3, of {outcome}");
        Assert.Empty(outcome.Output);
        string line = Assert.Single(outcome.ErrorLines);
        Assert.StartsWith("dloss: error: ", line);
        Assert.All(named, n => Assert.Contains(n, line, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("unexpected", line, StringComparison.OrdinalIgnoreCase);
    }
}
