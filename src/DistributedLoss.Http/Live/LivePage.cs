using DistributedLoss.Reports.Html;

namespace DistributedLoss.Http.Live;

/// <summary>The page that shows a run while it lasts. It is the same for every moment: what it shows, its script gets as events.</summary>
internal static class LivePage
{
    private static readonly Asset Style = Asset.Load(typeof(LivePage), "live.css");
    private static readonly Asset Script = Asset.Load(typeof(LivePage), "live.js");

    /// <param name="title">What is run.</param>
    public static byte[] Write(string title)
    {
        var page = new Page { Title = title, Kind = "live", OwnStyle = Style, OwnScript = Script, Connects = true };
        page.Lead(WriteLead);
        page.Section("throughput", "Throughput", "Throughput", WriteThroughput);
        page.Section("workers", "Workers", "Workers", WriteWorkers);
        page.Section("log", "Log", "Log", WriteLog);
        using var stream = new MemoryStream();
        page.Write(stream);
        return stream.ToArray();
    }

    private static void WriteLead(HtmlWriter html)
    {
        html.Write($"""
            <p id="what" class="muted data"></p>
            <noscript><p class="remark">This page needs JavaScript. Without it: /healthz and /metrics, and --progress on the terminal.</p></noscript>
            <p id="connection" class="remark" hidden></p>
            <p id="report-offer" hidden><button type="button" id="report-show">Show the report</button></p>
            <div id="report-view" role="region" aria-label="Report" hidden><p class="tools"><button type="button" id="report-back">&larr; Back to the run</button>
            <a id="report-save" download="report.html" hidden>Save the report</a></p></div>
            <div class="headline"><span id="state" class="pill" data-state="connecting">Connecting</span><span id="percent"></span><span id="left" class="muted"></span></div>
            <div id="bar" role="progressbar" aria-label="Rows done" aria-valuemin="0" aria-valuemax="100"><span id="fill"></span><span id="resumed"></span></div>
            <p id="counts" class="muted"></p>
            <p id="reason" class="remark data" hidden></p>
            <p id="announcement" class="unseen" role="status" aria-live="polite"></p>
            <dl class="figures">

            """);
        Figure(html, "mean", "Mean loss so far");
        Figure(html, "top1", "Top-1 accuracy so far");
        Figure(html, "rows", "Rows a second");
        Figure(html, "logits", "Logits a second");
        Figure(html, "shards", "Shards done");
        Figure(html, "present", "Workers");
        Figure(html, "again", "Retries");
        Figure(html, "elapsed", "Elapsed");
        html.Write($"</dl>\n");
    }

    private static void Figure(HtmlWriter html, string id, string name) =>
        html.Write($"""<div class="card"><dt id="{id}-name">{name}</dt><dd id="{id}" class="value">&ndash;</dd><dd id="{id}-note" class="muted"></dd></div>""");

    private static void WriteThroughput(HtmlWriter html) => html.Write($"""
        <figure class="card" id="chart" tabindex="0" aria-labelledby="throughput-title" aria-describedby="chart-summary">
        <figcaption><span>Rows a second</span> <span id="chart-at" class="muted"></span></figcaption>
        <div class="plot"><span id="chart-top" class="muted"></span>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path id="chart-area"/><path id="chart-line"/><line id="chart-cursor" y1="0" y2="100" visibility="hidden"/></svg></div>
        <p class="axis muted"><span>0 s</span><span id="chart-end"></span></p>
        <p id="chart-summary" class="unseen"></p>
        </figure>

        """);

    private static void WriteWorkers(HtmlWriter html) => html.Write($"""
        <div class="scroll" tabindex="0" role="region" aria-labelledby="workers-title">
        <table><thead><tr><th scope="col">Worker</th><th scope="col">At</th><th scope="col" class="number">Shards</th><th scope="col" class="number">Rows</th>
        <th scope="col" class="number">Rows a second</th><th scope="col" class="number">Last heard of</th></tr></thead><tbody id="worker-rows"></tbody></table>
        </div>
        <p id="worker-note" class="muted note">No worker yet.</p>

        """);

    private static void WriteLog(HtmlWriter html) => html.Write($"""
        <p class="tools"><label for="log-level">Show</label> <select id="log-level"><option value="shards">everything</option><option value="runs" selected>without single shards</option>
        <option value="warnings">warnings and errors</option></select></p>
        <div id="log-box" class="scroll" tabindex="0" role="region" aria-labelledby="log-title"><ol id="log-lines" data-show="runs"></ol></div>
        <p class="muted note">The last lines; --log-file keeps all of them.</p>

        """);
}
