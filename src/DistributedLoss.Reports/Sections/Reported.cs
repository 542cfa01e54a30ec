using System.Globalization;
using DistributedLoss.Evaluation;
using DistributedLoss.Reports.Html;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Sections;

/// <summary>A result, and what its parts are called in its page.</summary>
internal sealed class Reported(EvaluationResult result)
{
    public EvaluationResult Result => result;

    public EvaluationFigures Figures => result.Figures;

    /// <summary>What has a loss: rows, positions of sequences, or elements of binary rows.</summary>
    public string Rows { get; } = result.Sequences is not null ? "positions" : result.Figures.Binary is not null ? "elements" : "rows";

    /// <summary>The file's name, or that of the folder and how many they are.</summary>
    public string Dataset
    {
        get
        {
            string first = result.Files[0].Path;
            if (result.Files.Count == 1)
            {
                return Path.GetFileName(first) is { Length: > 0 } name ? name : first;
            }

            string? folder = Path.GetFileName(Path.GetDirectoryName(first));
            return $"{(string.IsNullOrEmpty(folder) ? first : folder)}: {Figure.Count(result.Files.Count)} files";
        }
    }

    public bool HasNames { get; } = result.PerClass.Any(c => c.Name is not null);

    /// <summary>A class by its name, or else by its index.</summary>
    public string ClassName(int index) =>
        index < result.PerClass.Count && result.PerClass[index].Name is { } name ? name : index.ToString(CultureInfo.InvariantCulture);

    /// <summary>A line in place of what was not asked for.</summary>
    /// <param name="statistic">As --statistics takes it.</param>
    public void Missing(HtmlWriter html, string what, StatisticKinds kind, string statistic)
    {
        if (result.Options.Statistics.HasFlag(kind))
        {
            html.Write($"""<p class="muted">There are none for targets of this kind.</p>""");
        }
        else
        {
            html.Write($"""<p class="muted">{what} not computed: ask with <code>--statistics {statistic}</code>.</p>""");
        }
    }
}
