namespace Mnist.Training.Reports;

/// <summary>Formats durations for people.</summary>
public static class Duration
{
    /// <summary>A duration such as 12 s, 3 min 5 s or 2 h 10 min.</summary>
    public static string Format(TimeSpan time)
    {
        var whole = TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
        return (whole.TotalSeconds, whole.TotalMinutes) switch
        {
            ( < 60, _) => $"{whole.Seconds} s",
            (_, < 10) => $"{whole.Minutes} min {whole.Seconds} s",
            (_, < 60) => $"{whole.Minutes} min",
            _ => $"{(int)whole.TotalHours} h {whole.Minutes} min",
        };
    }
}
