using System.Diagnostics.CodeAnalysis;

namespace Mnist.Core.Requests;

/// <summary>What a use case gives: an answer, or the validation errors because of which there is none.</summary>
public readonly struct Result<T>
    where T : class
{
    private readonly T? _answer;
    private readonly ValidationErrors? _errors;

    private Result(T? answer, ValidationErrors? errors) => (_answer, _errors) = (answer, errors);

    /// <summary>The answer, or else the errors.</summary>
    public bool TryGetAnswer([NotNullWhen(true)] out T? answer, [NotNullWhen(false)] out ValidationErrors? errors)
    {
        (answer, errors) = (_answer, _errors);
        return answer is not null;
    }

    public static implicit operator Result<T>(T answer) => new(answer, null);

    public static implicit operator Result<T>(ValidationErrors errors) => new(null, errors);
}
