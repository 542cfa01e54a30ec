using DistributedLoss.Reports.Html;
using DistributedLoss.Reports.Tables;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Sections;

/// <summary>What it takes to make the result again, and to know whether it is the same.</summary>
internal static class ProvenanceSection
{
    // A value that takes more is a list, such as the weights of many classes.
    private const int MostCharacters = 160;

    public static void Write(HtmlWriter html, Reported report)
    {
        var result = report.Result;
        html.Write($"""
            <p>Digest of the totals <code class="digest">{result.Digest}</code>: equal for equal logits, labels and options, whatever the file layout, sharding, engine or kernel.
            <code>dloss verify RESULT.json</code>, with the JSON of this result, makes it again from the files with other shards, workers and kernels, and compares every figure.</p>
            """);
        WriteInputs(html, report);
    }

    /// <summary>Files, options and environment.</summary>
    public static void WriteInputs(HtmlWriter html, Reported report)
    {
        var result = report.Result;
        WriteFiles(html, result);
        html.Write($"""<div class="pair"><div><h3>Options</h3><dl class="fields">""");
        foreach (var (name, value) in ResultJson.Options(result))
        {
            Field(html, name, value.Length <= MostCharacters ? value : $"{value.AsSpan(0, MostCharacters)}… ({Figure.Count(value.Length)} characters, all in the JSON)");
        }

        html.Write($"""</dl></div><div><h3>Environment</h3><dl class="fields">""");
        var environment = result.Environment;
        foreach (var (name, value) in ((string, string)[])
            [
                ("dloss", environment.Version),
                ("engine", environment.Engine),
                ("workers", Figure.Count(environment.Workers)),
                ("kernel", environment.Kernel),
                ("runtime", environment.Runtime),
                ("operating system", environment.OperatingSystem),
                ("architecture", environment.Architecture),
                ("processors", Figure.Count(environment.Processors)),
            ])
        {
            Field(html, name, value);
        }

        html.Write($"</dl></div></div>\n");
    }

    private static void WriteFiles(HtmlWriter html, EvaluationResult result)
    {
        var files = result.Files;
        List<Column> columns =
        [
            new Column.Texts("File", i => files[i].Path) { IsKey = true },
            new Column.Counts("Bytes", i => files[i].Bytes),
            new Column.Counts("Rows", i => files[i].Rows),
            new Column.Counts("Row groups", i => files[i].RowGroups),
            new Column.Texts("Footer, SHA-256", i => files[i].FooterDigest),
        ];
        if (files.Any(f => f.Sha256 is not null))
        {
            columns.Add(new Column.Texts("File, SHA-256", i => files[i].Sha256));
        }

        new DataTable("files", "The files of the dataset", files.Count, columns).Write(html);
    }

    private static void Field(HtmlWriter html, string name, string value) => html.Write($"""<div><dt>{name}</dt><dd class="data">{value}</dd></div>""");
}
