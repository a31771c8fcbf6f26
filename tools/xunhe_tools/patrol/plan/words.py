"""The plan in words and numbers."""

from typing import Any

from xunhe_tools.patrol.plan.flight_plan import RESERVE, FlightPlan


def told(plan: FlightPlan) -> list[str]:
    """For a person: Chinese first, English beside."""
    order, batteries = plan.order, len(plan.legs)
    minutes = plan.seconds / 60
    takes = f"每 every {plan.photograph_every_m:g} m 一张照片 a photograph"
    lines = [
        f"{order.reach.name} {order.reach.name_en}（{order.reach.code}）· {order.drone.name}",
        f"{plan.survey_m / 1000:.2f} km，{plan.lines} 条航线 lines，"
        f"高 height {order.height_m:g} m，{order.speed_m_s:g} m/s；"
        f"{minutes:.0f} min，{batteries} 块电池 batteries",
        takes if order.takes_photographs else "全程录像 films all the way",
        f"每块电池留 {RESERVE:.0%} 余量 / of each battery {RESERVE:.0%} stay in reserve",
    ]
    for number, leg in enumerate(plan.legs, start=1):
        lines.append(f"  {number}：{leg.metres / 1000:.2f} km，{leg.seconds / 60:.1f} min")
    if plan.left_out_m > 0:
        lines.append(f"禁飞区内未覆盖 left out in no-fly zones: {plan.left_out_m:.0f} m")
    return lines


def document(plan: FlightPlan) -> dict[str, Any]:
    """For a script."""
    order = plan.order
    return {
        "reach": order.reach.code,
        "drone": order.drone.name,
        "height_m": order.height_m,
        "speed_m_s": order.speed_m_s,
        "swath_m": round(order.drone.swath_m(order.height_m), 1),
        "lines": plan.lines,
        "survey_m": round(plan.survey_m, 1),
        "left_out_m": round(plan.left_out_m, 1),
        "photograph_every_m": plan.photograph_every_m if order.takes_photographs else None,
        "minutes": round(plan.seconds / 60, 1),
        "batteries": len(plan.legs),
        "legs": [
            {
                "home": leg.home,
                "metres": round(leg.metres, 1),
                "minutes": round(leg.seconds / 60, 1),
                "waypoints": [
                    {"lon_lat": each.lon_lat, "is_survey": each.is_survey} for each in leg.waypoints
                ],
            }
            for leg in plan.legs
        ],
    }
