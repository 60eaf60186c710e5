using System.Net.Http.Json;
using System.Text.Json;

namespace Mnist.Tests.Support;

/// <summary>Checks an error answer against its row of the error table.</summary>
internal static class ProblemAssert
{
    /// <summary>Checks all that every problem has; gives the problem for more.</summary>
    public static async Task<JsonElement> IsProblemAsync(HttpResponseMessage response, int status, string kind)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(status), text);
        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("application/problem+json"));
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:mnist:problem:{kind}"));
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status));
        Assert.That(problem.GetProperty("title").GetString(), Is.Not.Empty);
        Assert.That(problem.GetProperty("detail").GetString(), Has.Length.GreaterThan(20));
        Assert.That(problem.GetProperty("traceId").GetString(), Is.Not.Empty);
        Assert.That(response.Headers.RetryAfter is not null, Is.EqualTo(status is 429 or 503));
        return problem;
    }

    /// <summary>The paths under which a problem reports faults.</summary>
    public static IEnumerable<string> Paths(JsonElement problem) => problem.GetProperty("errors").EnumerateObject().Select(error => error.Name);

    /// <summary>The answers of a classification.</summary>
    public static async Task<List<JsonElement>> ResponsesAsync(HttpResponseMessage response)
    {
        Assert.That((int)response.StatusCode, Is.EqualTo(200), await response.Content.ReadAsStringAsync());
        return [.. (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("responses").EnumerateArray()];
    }
}
