using System.Net;
using Microsoft.AspNetCore.Http;

namespace DistributedLoss.Http.Server;

/// <summary>
/// Who may see the page, its events and the report: those who know the token, where there is one; where there is none, who asks this machine by a name of its own
/// (else a web site whose name leads here could read along: DNS rebinding). Other sites may link to the page, and no more.
/// </summary>
/// <param name="token">Null where the address is this machine's alone and nobody set one.</param>
internal sealed class PageGuard(IPEndPoint address, AccessToken? token)
{
    private const string Query = "token";

    private const string Scheme = "Bearer ";

    /// <summary>Answers those who may not see it, and those who are to come back without the token in the address.</summary>
    /// <returns>Whether the request was answered.</returns>
    public async Task<bool> AnswersAsync(HttpContext context)
    {
        var request = context.Request;
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (IPAddress.IsLoopback(address.Address) && !IsLoopbackName(request.Host.Host))
        {
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, $"this page is at {address} or localhost, and not at another name");
            return true;
        }

        if (IsFromElsewhere(request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "this page is not for other sites");
            return true;
        }

        if (token is null || token.Is(Bearer(request)) || token.IsCookie(request.Cookies[CookieName(request)]))
        {
            return false;
        }

        if (!token.Is(request.Query[Query]))
        {
            headers.WWWAuthenticate = "Bearer realm=\"dloss\"";
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "this page needs the token of the run: open the address that dloss printed, ending in ?token=...");
            return true;
        }

        if (request.Path != "/")
        {
            return false;
        }

        context.Response.Cookies.Append(CookieName(request), token.Cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        if (request.Headers["Sec-Fetch-Site"] != "cross-site")
        {
            context.Response.Redirect("./");
            return true;
        }

        // Behind a link on another site a redirect comes without the cookie; a page of our own that leads on comes with it.
        headers.ContentSecurityPolicy = "default-src 'none'";
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync("<!doctype html><title>dloss</title><meta http-equiv=\"refresh\" content=\"0;url=./\">");
        return true;
    }

    // Cookies know no ports: two runs on one machine keep theirs apart.
    private static string CookieName(HttpRequest request) => $"dloss-{request.Host.Port ?? 80}";

    private static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsFromElsewhere(HttpRequest request)
    {
        string origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && !(request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document");
    }

    private static Task RefuseAsync(HttpContext context, int code, string line)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{code}: {line}\n");
    }
}
