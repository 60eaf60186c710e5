using System.CommandLine;

namespace Mnist.Benchmarks;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<double> Seconds(double value, string description)
    {
        var option = new Option<double>("--seconds") { Description = description, HelpName = "SECONDS", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<double>() > 0))
            {
                result.AddError("--seconds must be more than 0.");
            }
        });
        return option;
    }
}
