using System.Text;
using static Mnist.Tests.Support.BadRequest;

namespace Mnist.Tests.Support;

/// <summary>Good HTTP that breaks the contract: routes, media types, JSON, members, base64; and text that aims at logs.</summary>
internal static class ContractCases
{
    /// <param name="body">A body that is right, of one image.</param>
    public static IEnumerable<BadRequest> All(string body) => [.. Routes(body), .. MediaTypes(body), .. JsonTexts(body), .. Images(body), .. ForeignTexts(body)];

    private static IEnumerable<BadRequest> Routes(string body)
    {
        foreach (string method in (string[])["GET", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"])
        {
            yield return Of(method, $"{method} /mnist/classify HTTP/1.1\r\n{Host}{Length(0)}\r\n", 405, "method-not-allowed");
        }

        yield return Of("unknown path", $"POST /nothing HTTP/1.1\r\n{Host}{Json}{Length(body.Length)}\r\n{body}", 404, "not-found");
        yield return Of("another version", $"POST /v2/mnist/classify HTTP/1.1\r\n{Host}{Json}{Length(body.Length)}\r\n{body}", 404, "not-found");
        yield return Of("slash at the end", $"POST /mnist/classify/?probabilities=true HTTP/1.1\r\n{Host}{Json}{Length(body.Length)}\r\n{body}", 200);
    }

    private static IEnumerable<BadRequest> MediaTypes(string body)
    {
        yield return Refused("no type", string.Empty);
        yield return Refused("text", "Content-Type: text/plain\r\n");
        yield return Refused("form", "Content-Type: application/x-www-form-urlencoded\r\n");
        yield return Refused("multipart", "Content-Type: multipart/form-data; boundary=x\r\n");
        yield return Refused("type that is none", "Content-Type: ;;;\r\n");
        yield return Refused("two types in one header", "Content-Type: application/json, text/plain\r\n");
        yield return Refused("two headers", Json + "Content-Type: text/plain\r\n");
        yield return Refused("unknown charset", "Content-Type: application/json; charset=bogus\r\n");
        yield return Refused("empty charset", "Content-Type: application/json; charset=\r\n");
        yield return Refused("UTF-16", "Content-Type: application/json; charset=utf-16\r\n");
        yield return Refused("compressed", Json + "Content-Encoding: gzip\r\n");
        yield return Of("charset in quotes", Post + "Content-Type: application/json; charset=\"utf-8\"\r\n" + Length(body.Length) + "\r\n" + body, 200);

        BadRequest Refused(string name, string headers) => Of(name, Post + headers + Length(body.Length) + "\r\n" + body, 415, "unsupported-media-type");
    }

    private static IEnumerable<BadRequest> JsonTexts(string body)
    {
        string inner = body[1..^1];
        string image = body["{\"requests\":[".Length..^2];

        yield return Refused("empty", string.Empty);
        yield return Refused("null", "null");
        yield return Refused("array", "[]");
        yield return Refused("string", "\"x\"");
        yield return Refused("number", "1");
        yield return Refused("unterminated", body[..^1]);
        yield return Refused("comma at the end", $"{{{inner},}}");
        yield return Refused("comma at the end of the list", $"{{\"requests\":[{image},]}}");
        yield return Refused("comment", $"{{/**/{inner}}}");
        yield return Refused("two documents", body + body);
        yield return Refused("text behind", body + "x");
        yield return OfBody("invalid UTF-8", [.. "{\""u8, 0xFF, 0xFE, .. "\":1,"u8, .. Encoding.ASCII.GetBytes(inner), .. "}"u8], 400, "invalid-request");
        yield return Refused("lone surrogate", $"{{\"\\ud800\":1,{inner}}}");
        yield return Refused("lone surrogate in an image", "{\"requests\":[{\"image\":\"\\ud800\"}]}");
        yield return Refused("NUL", $"{{\0{inner}}}");
        yield return Refused("65 levels deep", $"{{\"requests\":{new string('[', 65)}{new string(']', 65)}}}");
        yield return Refused("2000 levels deep", new string('[', 2000) + new string(']', 2000));
        yield return Refused("list twice", $"{{{inner},{inner}}}", "requests");
        yield return Refused("image twice, once with an escape", $"{{\"requests\":[{{\"image\":\"\",\"\\u0069mage\":\"\"}}]}}", "requests[0].image");
        yield return Refused("unknown member", $"{{{inner},\"model\":1}}", "$");
        yield return Refused("another case", body.Replace("image", "Image", StringComparison.Ordinal), "requests[0].image");
        yield return OfBody("byte order mark", [0xEF, 0xBB, 0xBF, .. Encoding.ASCII.GetBytes(body)], 200, null);
        yield return OfBody("escapes that mean the same", body.Replace("image", "\\u0069mage", StringComparison.Ordinal).Replace("/", "\\/", StringComparison.Ordinal), 200);

        static BadRequest Refused(string name, string json, string path = "$") => OfBody($"JSON: {name}", json, 400, "invalid-request", path == "$" ? null : path);
    }

    private static IEnumerable<BadRequest> Images(string body)
    {
        string base64 = body["{\"requests\":[{\"image\":\"".Length..^"\"}]}".Length];

        yield return Refused("missing", "{}");
        yield return Refused("null", "{\"image\":null}");
        yield return Refused("number", "{\"image\":7}");
        yield return Refused("object", "{\"image\":{}}");
        yield return Text("empty", string.Empty);
        yield return Text("one character", "A");
        yield return Text("another alphabet", "*" + base64[1..]);
        yield return Text("URL-safe alphabet", "-_" + base64[2..]);
        yield return Text("padding missing", "QQ");
        yield return Text("padding inside", "QQ==" + base64);
        yield return Text("bits that padding cuts off", "QR==");
        yield return Text("line break", base64[..4] + "\\n" + base64[4..]);
        yield return Text("space", base64[..4] + " " + base64[4..]);
        yield return Text("data URL", "data:image/png;base64," + base64);
        yield return Text("larger than a file may be", Convert.ToBase64String(new byte[16 * 1024 + 1]));

        static BadRequest Text(string name, string text) => Refused(name, $"{{\"image\":\"{text}\"}}");

        static BadRequest Refused(string name, string item) => OfBody($"image: {name}", $"{{\"requests\":[{item}]}}", 400, "invalid-request", "requests[0].image");
    }

    /// <summary>What has no meaning here changes nothing; the log of such requests is tested beside.</summary>
    private static IEnumerable<BadRequest> ForeignTexts(string body)
    {
        foreach (var (name, text) in ((string, string)[])
            [("line break", "%0D%0A"), ("terminal", "%1B[31m"), ("line separator", "%E2%80%A8"), ("placeholder", "{0}{@x}"), ("lookup", "${jndi:ldap://x}"), ("quotes", "\"}%22%7D")])
        {
            yield return Of($"text: {name}", $"GET /{text}?{text} HTTP/1.1\r\n{Host}User-Agent: {text}\r\nCookie: {text}\r\n\r\n", 404, "not-found");
        }

        yield return Of("text: long", $"GET / HTTP/1.1\r\n{Host}User-Agent: {new string('a', 8192)}\r\n\r\n", 431);
        foreach (var (name, header) in ((string, string)[])
            [("bearer", "Authorization: Bearer x\r\n"), ("two keys", "Authorization: Basic eDp5\r\nAuthorization: Bearer x\r\n"), ("forwarded", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: evil\r\n"),
             ("override", "X-HTTP-Method-Override: DELETE\r\n")])
        {
            yield return Of($"header that means nothing: {name}", Post + Json + header + Length(body.Length) + "\r\n" + body, 200);
        }
    }
}
