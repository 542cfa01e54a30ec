using System.Text.Json.Nodes;

namespace DistributedLoss.Http.Tests.Server;

/// <summary>Server-sent events as https://html.spec.whatwg.org/multipage/server-sent-events.html has a client read them, of the fields that a stream of ours uses.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage response, Stream body) => (_response, _lines) = (response, new StreamReader(body));

    public string? MediaType => _response.Content.Headers.ContentType?.MediaType;

    public static async Task<EventReader> OpenAsync(HttpClient client, Uri url)
    {
        var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new EventReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event, or a field that stands alone; null at the end of the stream.</summary>
    public async Task<(string Name, string Data)?> NextAsync(CancellationToken cancel)
    {
        string name = "", data = "";
        while (await _lines.ReadLineAsync(cancel) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["event", var value]:
                    name = value;
                    break;
                case ["data", var value]:
                    data += value;
                    break;
                case ["retry", var value]:
                    (name, data) = ("retry", value);
                    break;
                case [""]:
                    return (name, data);
                default:
                    throw new FormatException($"no field of an event: {line}");
            }
        }

        return null;
    }

    public async Task<JsonNode> NextAsync(string name, CancellationToken cancel)
    {
        while (await NextAsync(cancel) is { } e)
        {
            if (e.Name == name)
            {
                return JsonNode.Parse(e.Data)!;
            }
        }

        throw new InvalidOperationException($"the stream ended without {name}");
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
